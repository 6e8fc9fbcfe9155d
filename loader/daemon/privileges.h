/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up what the daemon no longer needs once enforcement is pinned. */
#ifndef EMBARGO_DAEMON_PRIVILEGES_H
#define EMBARGO_DAEMON_PRIVILEGES_H

#include "loader/base/diagnostic.h"

/*
 * From here on the process is root by name only: no capability, none to be had again, the one group
 * that may write to terminals, and a list of the system calls that its loop makes. What it still
 * can do is to use the maps that it holds open and the files that root owns; it cannot load or
 * attach a program, start one, trace one, mount, or signal anybody. Errors: -errno, told in
 * @diagnostic.
 */
int embargo_privileges_drop(struct embargo_diagnostic *diagnostic);

#endif
