// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting for dates, and for what is put in force or learned. */
#include "loader/sweep/sweeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "loader/base/speaker.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"
#include "loader/sweep/round.h"
#include "loader/sweep/sweeps.h"

#define TICK_MS 1000

/* Beyond, something may be told again. */
#define TOLD_MOST 16384

/* After digests were learned: when no more come, or when they have been coming for so long. */
#define LEARNED_QUIET_S 2
#define LEARNED_MOST_S	30

struct sweeper {
	struct embargo_speaker speaker;
	struct embargo_enacted_id id; /* what is in force; zeros: nothing */
	struct embargo_enforcement *enforcement;
	struct embargo_step next;
	uint64_t learned;	 /* when the last sweep began */
	uint64_t learned_before; /* a tick ago */
	int64_t learned_first;	 /* when the first after that came, or 0 */
	int64_t learned_last;
	struct embargo_sweeps *sweeps;
	struct embargo_round_told told[TOLD_MOST];
	size_t told_count;
};

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

	child->sweeper->speaker.say(child->sweeper->speaker.context, priority, text);
}

static void child_told(void *context, const struct embargo_round_told *told)
{
	const struct child *child = context;

	embargo_sweeps_tell(child->pipe, told);
}

static void child_looked(void *context)
{
	const struct child *child = context;

	embargo_sweeps_tell_looked(child->pipe);
}

static void sweep(void *context, int64_t at, int pipe)
{
	static const struct embargo_round_callbacks callbacks = { child_say, child_told,
								  child_looked };
	const struct sweeper *sweeper = context;
	struct child child = { sweeper, pipe };
	const struct embargo_round round = {
		.id = sweeper->id,
		.at = at,
		.told = sweeper->told,
		.told_count = sweeper->told_count,
	};
	int error = embargo_round_run(&round, &callbacks, &child);

	/* Another generation has a sweep of its own. */
	if (error && error != -ESTALE && error != -ENOENT)
		embargo_speaker_say(&sweeper->speaker, LOG_ERR,
				    "what runs already could not be looked at: %s",
				    strerror(-error));
}

static void keep_told(void *context, const struct embargo_round_told *told)
{
	struct sweeper *sweeper = context;

	if (sweeper->told_count < TOLD_MOST)
		sweeper->told[sweeper->told_count++] = *told;
}

static void say(void *context, int priority, const char *text)
{
	const struct sweeper *sweeper = context;

	sweeper->speaker.say(sweeper->speaker.context, priority, text);
}

/* The first step after @after; the end of a waiver is one to what the rules ask for. */
static void find_next(struct sweeper *sweeper, int64_t after)
{
	struct embargo_permit waiver;

	if (embargo_enforcement_next(sweeper->enforcement, after, &sweeper->next))
		sweeper->next = (struct embargo_step) { .at = INT64_MAX };
	if (!embargo_enforcement_next_waiver(sweeper->enforcement, after, &waiver) &&
	    waiver.until <= sweeper->next.at && waiver.until != INT64_MAX)
		sweeper->next =
			(struct embargo_step) { .at = waiver.until, .action = EMBARGO_ACTION_DENY };
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
	/* They are about what is in force no more. */
	embargo_sweeps_give_up(sweeper->sweeps);
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
	    embargo_sweeps_start(sweeper->sweeps, INT64_MIN, 0))
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
		    embargo_sweeps_start(sweeper->sweeps, sweeper->next.at, wait))
			return;
		find_next(sweeper, sweeper->next.at);
	}
}

static void tick(struct sweeper *sweeper)
{
	int64_t now;

	embargo_sweeps_collect(sweeper->sweeps);
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

int embargo_sweeper_run(const struct embargo_sweeper_callbacks *callbacks, void *context)
{
	static const struct embargo_sweeps_callbacks of_sweeps = { sweep, keep_told, say };
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));

	if (!sweeper ||
	    embargo_sweeps_open(&of_sweeps, sweeper, EMBARGO_SWEEPER_LOOK_S, &sweeper->sweeps)) {
		free(sweeper);
		return -ENOMEM;
	}
	sweeper->speaker = (struct embargo_speaker) { callbacks->say, context };
	sweeper->next.at = INT64_MAX;
	for (;;) {
		tick(sweeper);
		embargo_sweeps_wait(sweeper->sweeps, TICK_MS);
	}
}
