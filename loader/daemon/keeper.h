/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: keeps processes running beside the daemon, with privileges that it gives up. */
#ifndef EMBARGO_DAEMON_KEEPER_H
#define EMBARGO_DAEMON_KEEPER_H

#include <stddef.h>
#include <stdint.h>

#include "loader/daemon/reporter.h"

/* A process that is kept. */
struct embargo_kept {
	const char *name;	    /* "the watch" */
	const char *process;	    /* its own name, of 15 characters at most (ps -C) */
	const char *message;	    /* of to_journal.h: what it says is told under it */
	const char *loss;	    /* what is not done while it does not run */
	const unsigned int *rights; /* the capabilities that it and its keeper go on with */
	size_t right_count;
	/* Returns 0 where it was told to end, else -errno: it is started again. */
	int (*run)(struct embargo_reporter *reporter);
};

extern const struct embargo_kept embargo_keeper_watch;
extern const struct embargo_kept embargo_keeper_sweeper;
extern const struct embargo_kept embargo_keeper_steward;

/*
 * Starts a process that starts @kept, and starts it again whenever it fails. Both end with the
 * process that called this. To be called before that gives up its privileges. Returns 0 or -errno.
 */
int embargo_keeper_start(const struct embargo_kept *kept);

/*
 * Seconds to wait before a process is started again that ended after @lived seconds, where @last
 * were waited before that (0: none): twice as long each time, up to a minute, and from the
 * beginning behind one that lived for a minute.
 */
unsigned int embargo_keeper_pause(unsigned int last, int64_t lived);

#endif
