// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for dates, and for the processes that sweep. */
#include "loader/sweep/sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"
#include "loader/policy/policy.h"
#include "loader/sweep/round.h"

#define TICK_MS 1000

/* At a time: one that waits for the end of processes keeps no date waiting. */
#define SWEEPS 8

/* Beyond, something may be told again. */
#define TOLD_MOST 16384

/* After digests were learned: when no more come, or when they have been coming for so long. */
#define LEARNED_QUIET_S 2
#define LEARNED_MOST_S	30

/* What a sweep tells the sweeper. */
struct record {
	enum { RECORD_TOLD = 1, RECORD_LOOKED } what;
	struct embargo_round_told told;
};

struct running {
	pid_t pid; /* 0: none */
	int pipe;
	bool has_looked;
	int64_t due; /* seconds of the monotonic clock */
};

struct sweeper {
	const struct embargo_sweeper_callbacks *callbacks;
	void *context;
	struct embargo_enacted_id id; /* what is in force; zeros: nothing */
	struct embargo_enforcement *enforcement;
	struct embargo_step next;
	uint64_t learned;	 /* when the last sweep began */
	uint64_t learned_before; /* a tick ago */
	int64_t learned_first;	 /* when the first after that came, or 0 */
	int64_t learned_last;
	struct running running[SWEEPS];
	struct embargo_round_told told[TOLD_MOST];
	size_t told_count;
};

__attribute__((format(printf, 3, 4))) static void say(const struct sweeper *sweeper, int priority,
						      const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	sweeper->callbacks->say(sweeper->context, priority, text);
}

static int64_t seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* In the process that sweeps. */
struct child {
	const struct sweeper *sweeper;
	int pipe;
};

static void child_say(void *context, int priority, const char *text)
{
	const struct child *child = context;

	child->sweeper->callbacks->say(child->sweeper->context, priority, text);
}

static void child_send(const struct child *child, const struct record *record)
{
	while (write(child->pipe, record, sizeof(*record)) < 0 && errno == EINTR)
		;
}

static void child_told(void *context, const struct embargo_round_told *told)
{
	child_send(context, &(struct record) { RECORD_TOLD, *told });
}

static void child_looked(void *context)
{
	child_send(context, &(struct record) { .what = RECORD_LOOKED });
}

static void become_sweep(const struct sweeper *sweeper, int64_t at, int pipe, pid_t parent)
{
	static const struct embargo_round_callbacks callbacks = { child_say, child_told,
								  child_looked };
	struct child child = { sweeper, pipe };
	const struct embargo_round round = {
		.id = sweeper->id,
		.at = at,
		.told = sweeper->told,
		.told_count = sweeper->told_count,
	};
	int error;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	error = embargo_round_run(&round, &callbacks, &child);
	/* Another generation has a sweep of its own. */
	if (error && error != -ESTALE && error != -ENOENT)
		say(sweeper, LOG_ERR, "what runs already could not be looked at: %s",
		    strerror(-error));
	_exit(0);
}

static struct running *find_room(struct sweeper *sweeper)
{
	for (size_t i = 0; i < SWEEPS; i++)
		if (!sweeper->running[i].pid)
			return &sweeper->running[i];
	return NULL;
}

/* Has all looked at that is refused at @at. Errors: -EAGAIN there are too many sweeps, or fork(2).
 */
static int start_sweep(struct sweeper *sweeper, int64_t at, int64_t wait_s)
{
	struct running *running = find_room(sweeper);
	pid_t parent = getpid(), child;
	int ends[2];

	if (!running)
		return -EAGAIN;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		become_sweep(sweeper, at, ends[1], parent);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*running = (struct running) {
		.pid = child,
		.pipe = ends[0],
		.due = seconds() + wait_s + EMBARGO_SWEEPER_LOOK_S,
	};
	return 0;
}

static void take_record(struct sweeper *sweeper, struct running *running,
			const struct record *record)
{
	if (record->what == RECORD_LOOKED) {
		running->has_looked = true;
		running->due = seconds() + EMBARGO_POLICY_GRACE_MOST + EMBARGO_SWEEPER_LOOK_S;
	} else if (sweeper->told_count < TOLD_MOST) {
		sweeper->told[sweeper->told_count++] = record->told;
	}
}

static void take_records(struct sweeper *sweeper, struct running *running)
{
	struct record record;

	while (read(running->pipe, &record, sizeof(record)) == (ssize_t)sizeof(record))
		take_record(sweeper, running, &record);
}

static void collect(struct sweeper *sweeper, struct running *running)
{
	int status;

	take_records(sweeper, running);
	if (seconds() > running->due && !kill(running->pid, SIGKILL)) {
		say(sweeper, LOG_ERR,
		    "looking at what runs already did not come to an end within %d s: what is "
		    "not reported is not known",
		    EMBARGO_SWEEPER_LOOK_S);
		running->due = INT64_MAX;
	}
	if (waitpid(running->pid, &status, WNOHANG) != running->pid)
		return;
	take_records(sweeper, running);
	if (!running->has_looked && WIFSIGNALED(status) && running->due != INT64_MAX)
		say(sweeper, LOG_ERR, "looking at what runs already was ended by signal %d",
		    WTERMSIG(status));
	close(running->pipe);
	*running = (struct running) { .pid = 0 };
}

/* Those that still look, or wait for their moment, are about what is in force no more. */
static void give_up_sweeps(struct sweeper *sweeper)
{
	for (size_t i = 0; i < SWEEPS; i++) {
		struct running *running = &sweeper->running[i];

		if (!running->pid)
			continue;
		take_records(sweeper, running);
		if (running->has_looked)
			continue;
		running->due = INT64_MAX;
		kill(running->pid, SIGKILL);
	}
}

/* The first step after @after. */
static void find_next(struct sweeper *sweeper, int64_t after)
{
	if (embargo_enforcement_next(sweeper->enforcement, after, &sweeper->next))
		sweeper->next = (struct embargo_step) { .at = INT64_MAX };
}

/* Returns whether something else is in force than before. */
static bool follow(struct sweeper *sweeper)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_enacted_id id = { 0 };

	if (embargo_enacted_find(&id))
		id = (struct embargo_enacted_id) { 0 };
	if (!memcmp(&id, &sweeper->id, sizeof(id)))
		return false;
	give_up_sweeps(sweeper);
	embargo_enforcement_close(sweeper->enforcement);
	sweeper->enforcement = NULL;
	sweeper->id = (struct embargo_enacted_id) { 0 };
	sweeper->told_count = 0;
	sweeper->next.at = INT64_MAX;
	if (!id.generation || embargo_enforcement_open(&sweeper->enforcement, &ignored))
		return false;
	sweeper->id = id;
	return true;
}

/* Digests that were learned may be of what runs already. */
static bool has_learned(struct sweeper *sweeper)
{
	struct embargo_generation head;
	int64_t now = seconds();

	if (embargo_enforcement_head(sweeper->enforcement, &head) || head.epoch == sweeper->learned)
		return false;
	if (head.epoch != sweeper->learned_before)
		sweeper->learned_last = now;
	if (!sweeper->learned_first)
		sweeper->learned_first = now;
	sweeper->learned_before = head.epoch;
	return now - sweeper->learned_last >= LEARNED_QUIET_S ||
	       now - sweeper->learned_first >= LEARNED_MOST_S;
}

static void sweep_now(struct sweeper *sweeper)
{
	struct embargo_generation head;

	if (embargo_enforcement_head(sweeper->enforcement, &head) ||
	    start_sweep(sweeper, INT64_MIN, 0))
		return;
	sweeper->learned = sweeper->learned_before = head.epoch;
	sweeper->learned_first = 0;
}

static void sweep_ahead(struct sweeper *sweeper)
{
	const int64_t ahead = EMBARGO_SWEEPER_AHEAD_S * EMBARGO_SECOND_NS;
	int64_t now, wait;

	if (embargo_enforcement_now(sweeper->enforcement, &now))
		return;
	while (sweeper->next.at != INT64_MAX && sweeper->next.at - now <= ahead) {
		wait = sweeper->next.at > now ? (sweeper->next.at - now) / EMBARGO_SECOND_NS : 0;
		if (sweeper->next.action >= EMBARGO_ACTION_DENY_NEW &&
		    start_sweep(sweeper, sweeper->next.at, wait))
			return;
		find_next(sweeper, sweeper->next.at);
	}
}

static void tick(struct sweeper *sweeper)
{
	int64_t now;

	for (size_t i = 0; i < SWEEPS; i++)
		if (sweeper->running[i].pid)
			collect(sweeper, &sweeper->running[i]);
	if (follow(sweeper) && !embargo_enforcement_now(sweeper->enforcement, &now)) {
		find_next(sweeper, now);
		sweep_now(sweeper);
	}
	if (!sweeper->enforcement)
		return;
	if (has_learned(sweeper))
		sweep_now(sweeper);
	sweep_ahead(sweeper);
}

/* Until a sweep has something to tell, or for a tick. */
static void wait_a_tick(struct sweeper *sweeper)
{
	struct pollfd polls[SWEEPS];
	size_t count = 0;

	for (size_t i = 0; i < SWEEPS; i++)
		if (sweeper->running[i].pid)
			polls[count++] = (struct pollfd) { .fd = sweeper->running[i].pipe,
							   .events = POLLIN };
	poll(polls, count, TICK_MS);
}

int embargo_sweeper_run(const struct embargo_sweeper_callbacks *callbacks, void *context)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));

	if (!sweeper)
		return -ENOMEM;
	sweeper->callbacks = callbacks;
	sweeper->context = context;
	sweeper->next.at = INT64_MAX;
	for (;;) {
		tick(sweeper);
		wait_a_tick(sweeper);
	}
}
