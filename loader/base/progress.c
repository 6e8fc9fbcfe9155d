// SPDX-License-Identifier: GPL-2.0-or-later
/* A line of progress on a terminal. */
#include "loader/base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_NS 1000000000 /* short work stays quiet */
#define EACH_NS	 200000000  /* a line is rewritten at most five times a second */

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

void embargo_progress_start(struct embargo_progress *progress, const char *what, size_t total)
{
	*progress = (struct embargo_progress) {
		.what = what,
		.total = total,
		.next = now() + FIRST_NS,
		.is_terminal = isatty(STDERR_FILENO),
	};
}

void embargo_progress_step(struct embargo_progress *progress)
{
	progress->done++;
	if (!progress->is_terminal || now() < progress->next)
		return;
	fprintf(stderr, "\r%s %zu of %zu", progress->what, progress->done, progress->total);
	progress->is_shown = true;
	progress->next = now() + EACH_NS;
}

void embargo_progress_clear(struct embargo_progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	progress->is_shown = false;
}
