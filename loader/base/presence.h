/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who runs, and who takes events out of the ring: one process at a time, told by a lock. */
#ifndef EMBARGO_BASE_PRESENCE_H
#define EMBARGO_BASE_PRESENCE_H

#include <sys/types.h>

#include "loader/base/paths.h"

/* A lock goes with its process, however that ends: no stale file ever says that a daemon runs. */
enum embargo_presence {
	EMBARGO_PRESENCE_DAEMON,   /* is the daemon */
	EMBARGO_PRESENCE_READER,   /* takes events out of the ring */
	EMBARGO_PRESENCE_WATCHDOG, /* starts and ends the gate */
	EMBARGO_PRESENCE_GATE,	   /* holds executions */
};

/*
 * Claims @presence for this process until @fd is closed. -EAGAIN: another has it. One descriptor
 * serves for both: *@fd is used where it is not negative, and else opened.
 */
int embargo_presence_claim(enum embargo_presence presence, int *fd);

/* Gives @presence back. */
void embargo_presence_release(enum embargo_presence presence, int fd);

/* The process that has @presence, 0 where there is none, or -EACCES where this user may not know.
 */
pid_t embargo_presence_holder(enum embargo_presence presence);

/* The same by way of @fd, for who has a presence itself: to close another descriptor of the lock
 * file would give it back. */
pid_t embargo_presence_look(enum embargo_presence presence, int fd);

#endif
