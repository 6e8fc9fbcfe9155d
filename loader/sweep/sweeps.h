/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sweeps at work, each a process of its own: what they tell, and the end of those that hang. */
#ifndef EMBARGO_SWEEP_SWEEPS_H
#define EMBARGO_SWEEP_SWEEPS_H

#include <stddef.h>
#include <stdint.h>

struct embargo_round_told;
struct embargo_sweeps;

struct embargo_sweeps_callbacks {
	/* In a process of its own: what is refused at @at, ns since 1970, or now at INT64_MIN. */
	void (*sweep)(void *context, int64_t at, int pipe);
	/* Such a process has told that by embargo_sweeps_tell(). */
	void (*told)(void *context, const struct embargo_round_told *told);
	/* A line for people; @priority as in syslog.h. */
	void (*say)(void *context, int priority, const char *text);
};

/*
 * None is at work yet. One that has not looked at everything after @look_s seconds hangs on some
 * file, and is ended; to one that has, as many are given after the longest grace of a policy's. The
 * caller closes @sweeps, which ends all; NULL may be closed. Errors: -ENOMEM.
 */
int embargo_sweeps_open(const struct embargo_sweeps_callbacks *callbacks, void *context,
			unsigned int look_s, struct embargo_sweeps **sweeps);
void embargo_sweeps_close(struct embargo_sweeps *sweeps);

/*
 * Begins one, which waits @wait_s seconds for its moment @at. Errors: -EAGAIN there are too many,
 * or as fork(2).
 */
int embargo_sweeps_start(struct embargo_sweeps *sweeps, int64_t at, int64_t wait_s);

/* Takes what they have told, and ends those whose time is up. */
void embargo_sweeps_collect(struct embargo_sweeps *sweeps);

/* Ends those that still look, or wait for their moment; others may wait for the end of processes.
 */
void embargo_sweeps_give_up(struct embargo_sweeps *sweeps);

/* Until one has something to tell, or for @ms. */
void embargo_sweeps_wait(const struct embargo_sweeps *sweeps, int ms);

/* In the process of a sweep, with its @pipe: that has been reported; all has been looked at. */
void embargo_sweeps_tell(int pipe, const struct embargo_round_told *told);
void embargo_sweeps_tell_looked(int pipe);

#endif
