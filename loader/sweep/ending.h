/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ending processes: SIGTERM, some time, SIGKILL. */
#ifndef EMBARGO_SWEEP_ENDING_H
#define EMBARGO_SWEEP_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Processes at a time: each holds a descriptor. The sweep looks again while there are more. */
#define EMBARGO_ENDINGS_MOST 256

/* What SIGKILL needs at most, until a process is taken not to end at all. */
#define EMBARGO_ENDING_KILL_MS 5000

/* One process, held by a pidfd: its number may be another's by the time that it is killed. */
struct embargo_ending {
	int pidfd;
	pid_t pid;
	char comm[64];	 /* printable */
	uint64_t device; /* of the file that it may not run, as stat(2) */
	uint64_t inode;
	uint64_t grace_ms;
	int64_t due; /* the clock's, ms: when it is killed */
	bool is_killed;
	bool is_over;
};

struct embargo_endings {
	struct embargo_ending array[EMBARGO_ENDINGS_MOST];
	size_t count;
};

enum embargo_ending_news {
	EMBARGO_ENDING_ENDED,	/* by itself, once it was told to */
	EMBARGO_ENDING_KILLED,	/* ... it did not */
	EMBARGO_ENDING_SPARED,	/* it has not the file any more: it is another program now */
	EMBARGO_ENDING_LASTING, /* it does not end */
};

struct embargo_ending_callbacks {
	/* Does the process still have the file? Asked before it is killed. */
	bool (*has_file)(void *context, const struct embargo_ending *ending);

	/* What became of it; @error: why it cannot be signalled, or 0. */
	void (*news)(void *context, const struct embargo_ending *ending,
		     enum embargo_ending_news news, int error);
};

/*
 * Sends SIGTERM to the process that @ending holds, and takes it over with its descriptor. Errors:
 * -ENOSPC there are too many at a time, -ESRCH it is gone, -EPERM; then the descriptor stays the
 * caller's.
 */
int embargo_endings_add(struct embargo_endings *endings, const struct embargo_ending *ending);

/* Waits for all of them, kills those whose time is over, and tells of each. Leaves none behind. */
void embargo_endings_finish(struct embargo_endings *endings,
			    const struct embargo_ending_callbacks *callbacks, void *context);

#endif
