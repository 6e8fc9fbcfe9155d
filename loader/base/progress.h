/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of progress on standard error: only on a terminal, and only for work that takes a while.
 */
#ifndef EMBARGO_BASE_PROGRESS_H
#define EMBARGO_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embargo_progress {
	const char *what; /* "hashing" */
	size_t total;	  /* 0: not known */
	size_t done;
	int64_t next; /* CLOCK_MONOTONIC, ns, of the next line */
	bool is_shown;
	bool is_terminal;
};

/* @what must outlive the progress. */
void embargo_progress_start(struct embargo_progress *progress, const char *what, size_t total);

/* One more of the total is done. */
void embargo_progress_step(struct embargo_progress *progress);

/* @done are done now, of @total. */
void embargo_progress_tell(struct embargo_progress *progress, size_t done, size_t total);

/* Takes the line away again; before every other output, and at the end. */
void embargo_progress_clear(struct embargo_progress *progress);

#endif
