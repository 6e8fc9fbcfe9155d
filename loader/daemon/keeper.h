/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: keeps the watch running beside the daemon, which has not the privileges to. */
#ifndef EMBARGO_DAEMON_KEEPER_H
#define EMBARGO_DAEMON_KEEPER_H

#include <sys/types.h>

/*
 * Starts a process that starts the watch, and starts it again whenever it fails. Both end with the
 * process that called this. To be called before that gives up its privileges. Returns 0 or -errno.
 */
int embargo_keeper_start(void);

#endif
