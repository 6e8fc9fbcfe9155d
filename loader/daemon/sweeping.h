/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweeper as a process beside the daemon, which has not the privileges to look into others. */
#ifndef EMBARGO_DAEMON_SWEEPING_H
#define EMBARGO_DAEMON_SWEEPING_H

/*
 * Starts a process that has the sweeper run, and starts it again when it is ended. Both end with
 * the process that called this. To be called before that gives up its privileges. Returns 0 or
 * -errno.
 */
int embargo_sweeping_start(void);

#endif
