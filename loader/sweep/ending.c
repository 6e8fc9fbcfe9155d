// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals through pidfds, which reach that very process or nobody. */
#include "loader/sweep/ending.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int send_signal(int pidfd, int signal)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) ? -errno : 0;
}

/* A machine that sleeps is no time to end in. */
static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int embargo_endings_add(struct embargo_endings *endings, const struct embargo_ending *ending)
{
	struct embargo_ending *added = &endings->array[endings->count];
	int error;

	if (endings->count == EMBARGO_ENDINGS_MOST)
		return -ENOSPC;
	error = send_signal(ending->pidfd, SIGTERM);
	if (error)
		return error;
	*added = *ending;
	added->due = now_ms() + (int64_t)ending->grace_ms;
	added->is_killed = added->is_over = false;
	endings->count++;
	return 0;
}

struct finishing {
	const struct embargo_ending_callbacks *callbacks;
	void *context;
};

static void conclude(const struct finishing *finishing, struct embargo_ending *ending,
		     enum embargo_ending_news news, int error)
{
	close(ending->pidfd);
	ending->is_over = true;
	finishing->callbacks->news(finishing->context, ending, news, error);
}

/* Its time is over. */
static void kill_now(const struct finishing *finishing, struct embargo_ending *ending)
{
	int error;

	if (ending->is_killed) {
		conclude(finishing, ending, EMBARGO_ENDING_LASTING, 0);
		return;
	}
	if (!finishing->callbacks->has_file(finishing->context, ending)) {
		conclude(finishing, ending, EMBARGO_ENDING_SPARED, 0);
		return;
	}
	error = send_signal(ending->pidfd, SIGKILL);
	if (error && error != -ESRCH) {
		conclude(finishing, ending, EMBARGO_ENDING_LASTING, error);
		return;
	}
	ending->is_killed = true;
	ending->due = now_ms() + EMBARGO_ENDING_KILL_MS;
}

/* Gathers those that are not over yet; returns how many, and when the first is due. */
static size_t gather(struct embargo_endings *endings, struct pollfd *polls,
		     struct embargo_ending **which, int64_t *due)
{
	size_t count = 0;

	*due = INT64_MAX;
	for (size_t i = 0; i < endings->count; i++) {
		struct embargo_ending *ending = &endings->array[i];

		if (ending->is_over)
			continue;
		polls[count] = (struct pollfd) { .fd = ending->pidfd, .events = POLLIN };
		which[count++] = ending;
		if (ending->due < *due)
			*due = ending->due;
	}
	return count;
}

void embargo_endings_finish(struct embargo_endings *endings,
			    const struct embargo_ending_callbacks *callbacks, void *context)
{
	const struct finishing finishing = { callbacks, context };
	struct embargo_ending *which[EMBARGO_ENDINGS_MOST];
	struct pollfd polls[EMBARGO_ENDINGS_MOST];
	int64_t due, left;
	size_t count;

	while ((count = gather(endings, polls, which, &due))) {
		left = due - now_ms();
		if (poll(polls, count, left > 0 ? (int)left : 0) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < count; i++)
			if (polls[i].revents)
				conclude(&finishing, which[i],
					 which[i]->is_killed ? EMBARGO_ENDING_KILLED
							     : EMBARGO_ENDING_ENDED,
					 0);
			else if (which[i]->due <= now_ms())
				kill_now(&finishing, which[i]);
	}
	for (size_t i = 0; i < endings->count; i++)
		if (!endings->array[i].is_over)
			conclude(&finishing, &endings->array[i], EMBARGO_ENDING_LASTING, -EIO);
	endings->count = 0;
}
