// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes that sweep: starting them, hearing them, and ending them in time. */
#include "loader/sweep/sweeps.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/speaker.h"
#include "loader/policy/policy.h"
#include "loader/sweep/round.h"

/* At a time: one that waits for the end of processes keeps no date waiting. */
#define SWEEPS 8

/* What the process of a sweep tells. */
struct record {
	enum { RECORD_TOLD = 1, RECORD_LOOKED } what;
	struct embargo_round_told told;
};

struct running {
	pid_t pid; /* 0: none */
	int pipe;
	bool has_looked;
	int64_t due; /* seconds of the monotonic clock; INT64_MAX: it has been told to end */
};

struct embargo_sweeps {
	const struct embargo_sweeps_callbacks *callbacks;
	void *context;
	struct embargo_speaker speaker;
	unsigned int look_s;
	struct running running[SWEEPS];
};

static int64_t seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

int embargo_sweeps_open(const struct embargo_sweeps_callbacks *callbacks, void *context,
			unsigned int look_s, struct embargo_sweeps **sweeps)
{
	struct embargo_sweeps *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	*made = (struct embargo_sweeps) {
		.callbacks = callbacks,
		.context = context,
		.speaker = { callbacks->say, context },
		.look_s = look_s,
	};
	*sweeps = made;
	return 0;
}

void embargo_sweeps_close(struct embargo_sweeps *sweeps)
{
	for (size_t i = 0; sweeps && i < SWEEPS; i++) {
		struct running *running = &sweeps->running[i];

		if (!running->pid)
			continue;
		kill(running->pid, SIGKILL);
		while (waitpid(running->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(running->pipe);
	}
	free(sweeps);
}

static void send_record(int pipe, const struct record *record)
{
	while (write(pipe, record, sizeof(*record)) < 0 && errno == EINTR)
		;
}

void embargo_sweeps_tell(int pipe, const struct embargo_round_told *told)
{
	send_record(pipe, &(struct record) { RECORD_TOLD, *told });
}

void embargo_sweeps_tell_looked(int pipe)
{
	send_record(pipe, &(struct record) { .what = RECORD_LOOKED });
}

static void become_sweep(const struct embargo_sweeps *sweeps, int64_t at, int pipe, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	sweeps->callbacks->sweep(sweeps->context, at, pipe);
	_exit(0);
}

static struct running *find_room(struct embargo_sweeps *sweeps)
{
	for (size_t i = 0; i < SWEEPS; i++)
		if (!sweeps->running[i].pid)
			return &sweeps->running[i];
	return NULL;
}

int embargo_sweeps_start(struct embargo_sweeps *sweeps, int64_t at, int64_t wait_s)
{
	struct running *running = find_room(sweeps);
	pid_t parent = getpid(), child;
	int ends[2];

	if (!running)
		return -EAGAIN;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		become_sweep(sweeps, at, ends[1], parent);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*running = (struct running) {
		.pid = child,
		.pipe = ends[0],
		.due = seconds() + wait_s + sweeps->look_s,
	};
	return 0;
}

static void take_records(const struct embargo_sweeps *sweeps, struct running *running)
{
	struct record record;

	while (read(running->pipe, &record, sizeof(record)) == (ssize_t)sizeof(record)) {
		if (record.what != RECORD_LOOKED) {
			sweeps->callbacks->told(sweeps->context, &record.told);
			continue;
		}
		running->has_looked = true;
		running->due = seconds() + EMBARGO_POLICY_GRACE_MOST + sweeps->look_s;
	}
}

static void collect(const struct embargo_sweeps *sweeps, struct running *running)
{
	int status;

	take_records(sweeps, running);
	if (seconds() > running->due && !kill(running->pid, SIGKILL)) {
		embargo_speaker_say(
			&sweeps->speaker, LOG_ERR,
			"looking at what runs already did not come to an end within %u s: what is "
			"not reported is not known",
			sweeps->look_s);
		running->due = INT64_MAX;
	}
	if (waitpid(running->pid, &status, WNOHANG) != running->pid)
		return;
	take_records(sweeps, running);
	if (!running->has_looked && WIFSIGNALED(status) && running->due != INT64_MAX)
		embargo_speaker_say(&sweeps->speaker, LOG_ERR,
				    "looking at what runs already was ended by signal %d",
				    WTERMSIG(status));
	close(running->pipe);
	*running = (struct running) { .pid = 0 };
}

void embargo_sweeps_collect(struct embargo_sweeps *sweeps)
{
	for (size_t i = 0; i < SWEEPS; i++)
		if (sweeps->running[i].pid)
			collect(sweeps, &sweeps->running[i]);
}

void embargo_sweeps_give_up(struct embargo_sweeps *sweeps)
{
	for (size_t i = 0; i < SWEEPS; i++) {
		struct running *running = &sweeps->running[i];

		if (!running->pid)
			continue;
		take_records(sweeps, running);
		if (running->has_looked)
			continue;
		running->due = INT64_MAX;
		kill(running->pid, SIGKILL);
	}
}

void embargo_sweeps_wait(const struct embargo_sweeps *sweeps, int ms)
{
	struct pollfd polls[SWEEPS];
	size_t count = 0;

	for (size_t i = 0; i < SWEEPS; i++)
		if (sweeps->running[i].pid)
			polls[count++] =
				(struct pollfd) { .fd = sweeps->running[i].pipe, .events = POLLIN };
	poll(polls, count, ms);
}
