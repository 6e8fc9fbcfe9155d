/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up what the daemon no longer needs once enforcement is pinned. */
#ifndef EMBARGO_DAEMON_PRIVILEGES_H
#define EMBARGO_DAEMON_PRIVILEGES_H

#include <stddef.h>

#include "loader/base/diagnostic.h"

/*
 * From here on the process is root by name only: no capability, none to be had again, the one group
 * that may write to terminals, and a list of the system calls that its loop makes. What it still
 * can do is to use the maps that it holds open and the files that root owns; it cannot load or
 * attach a program, start one, trace one, mount, or signal anybody. Errors: -errno, told in
 * @diagnostic.
 */
int embargo_privileges_drop(struct embargo_diagnostic *diagnostic);

/*
 * What a process beside the daemon and its keeper go on with: these @count capabilities; no core,
 * no memory that another may see; no call that could change the kernel, the clock, the mounts or
 * another process's memory, and no network. Called @name from here on. Returns 0 or -errno.
 */
int embargo_privileges_narrow(const char *name, const unsigned int *capabilities, size_t count);

#endif
