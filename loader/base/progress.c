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
	embargo_progress_tell(progress, progress->done + 1, progress->total);
}

void embargo_progress_tell(struct embargo_progress *progress, size_t done, size_t total)
{
	progress->done = done;
	progress->total = total;
	if (!progress->is_terminal || now() < progress->next)
		return;
	if (total >= done)
		fprintf(stderr, "\r%s %zu of %zu\033[K", progress->what, done, total);
	else
		fprintf(stderr, "\r%s %zu\033[K", progress->what, done);
	progress->is_shown = true;
	progress->next = now() + EACH_NS;
}

void embargo_progress_clear(struct embargo_progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	progress->is_shown = false;
}
