/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that takes enforcement away when the daemon ends, for who only tries it out. */
#ifndef EMBARGO_DAEMON_WARDEN_H
#define EMBARGO_DAEMON_WARDEN_H

#include <sys/types.h>

struct embargo_warden {
	pid_t pid;
	int pipe; /* the daemon's end: whatever ends the daemon closes it */
};

/*
 * Starts the warden. It is a process of its own because the daemon keeps no privilege to detach
 * anything, and because it works for a daemon that was killed, too. Returns 0 or -errno.
 */
int embargo_warden_start(struct embargo_warden *warden);

/* Lets it do its work and waits for that. Returns 0, or -EIO where it failed (and has said why). */
int embargo_warden_release(struct embargo_warden *warden);

#endif
