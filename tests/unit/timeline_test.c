// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines: the merge of schedules against what each schedule says for itself, moment by moment.
 */
#include "loader/policy/timeline.h"

#include <errno.h>

#include "bpf/decide.h"
#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

#define TERMS  6
#define STAGES 5
#define SPAN   40 /* dates run from 0 to 39: few enough that many coincide */

struct world {
	struct embargo_stage stages[TERMS][STAGES];
	struct embargo_schedule schedules[TERMS];
	__u32 reasons[TERMS][STAGES];
	struct embargo_term terms[TERMS];
	size_t count;
};

/* The same numbers in every run: a failure can be looked at again. */
static unsigned int draw(unsigned int *state, unsigned int below)
{
	*state = *state * 1103515245 + 12345;
	return (*state >> 16) % below;
}

static void make_term(struct world *world, size_t index, unsigned int *state)
{
	struct embargo_schedule *schedule = &world->schedules[index];
	int64_t at = draw(state, SPAN / 2);

	*schedule = (struct embargo_schedule) { .stages = world->stages[index],
						.stage_count = 1 + draw(state, STAGES) };
	for (size_t i = 0; i < schedule->stage_count; i++) {
		schedule->stages[i].at = at;
		schedule->stages[i].action = EMBARGO_ACTION_OFF + draw(state, EMBARGO_ACTION_DENY);
		world->reasons[index][i] = (__u32)(1 + index * STAGES + i);
		at += 1 + draw(state, 6);
	}
	world->terms[index] = (struct embargo_term) {
		.schedule = schedule,
		.reasons = world->reasons[index],
		.cap = draw(state, 4) ? EMBARGO_ACTION_DENY : EMBARGO_ACTION_AUDIT,
	};
}

static void make_world(struct world *world, unsigned int seed)
{
	unsigned int state = seed;

	world->count = 1 + draw(&state, TERMS);
	for (size_t i = 0; i < world->count; i++)
		make_term(world, i, &state);
}

/* What one term gives a file that came at @ctime, at @now: straight from the words of the manual.
 */
static enum embargo_verdict judge(const struct embargo_term *term, int64_t now, int64_t ctime)
{
	const struct embargo_stage *stages = term->schedule->stages;
	int64_t began = 0;
	int in_force = -1;

	for (size_t i = 0; i < term->schedule->stage_count && stages[i].at <= now; i++) {
		if (in_force < 0 || stages[i].action != stages[in_force].action)
			began = stages[i].at;
		in_force = (int)i;
	}
	if (in_force < 0 || stages[in_force].action == EMBARGO_ACTION_OFF)
		return EMBARGO_VERDICT_ALLOW;
	if (stages[in_force].action == EMBARGO_ACTION_AUDIT || term->cap == EMBARGO_ACTION_AUDIT)
		return EMBARGO_VERDICT_AUDIT;
	if (stages[in_force].action == EMBARGO_ACTION_DENY)
		return EMBARGO_VERDICT_DENY;
	return ctime >= began || ctime > now ? EMBARGO_VERDICT_DENY : EMBARGO_VERDICT_AUDIT;
}

static enum embargo_verdict judge_all(const struct world *world, int64_t now, int64_t ctime)
{
	enum embargo_verdict strictest = EMBARGO_VERDICT_ALLOW;

	for (size_t i = 0; i < world->count; i++) {
		enum embargo_verdict verdict = judge(&world->terms[i], now, ctime);

		if (verdict > strictest)
			strictest = verdict;
	}
	return strictest;
}

static void merged_is_the_strictest_of_all(void **state)
{
	struct embargo_timeline timeline;
	struct world world;

	(void)state;
	for (unsigned int seed = 1; seed <= 2000; seed++) {
		make_world(&world, seed);
		assert_int_equal(embargo_timeline_merge(world.terms, world.count, &timeline), 0);
		for (int64_t now = -1; now <= SPAN + 30; now++) {
			for (int64_t ctime = -2; ctime <= now + 2; ctime++) {
				struct embargo_facts facts = { .now = now, .ctime = ctime };
				struct embargo_decision decision = {
					.verdict = EMBARGO_VERDICT_ALLOW
				};

				embargo_decide(&decision, &timeline, &facts);
				assert_int_equal(decision.verdict, judge_all(&world, now, ctime));
			}
		}
	}
}

/* The reason that a step names must be one that asks for what the step does, at that very time. */
static void reasons_are_in_force(void **state)
{
	struct embargo_timeline timeline;
	struct world world;

	(void)state;
	for (unsigned int seed = 1; seed <= 2000; seed++) {
		make_world(&world, seed);
		assert_int_equal(embargo_timeline_merge(world.terms, world.count, &timeline), 0);
		for (__u32 i = 0; i < timeline.count; i++) {
			const struct embargo_step *step = &timeline.steps[i];
			size_t term = (step->reason - 1) / STAGES;
			size_t stage = (step->reason - 1) % STAGES;
			const struct embargo_schedule *schedule = &world.schedules[term];
			__u32 action = schedule->stages[stage].action;

			if (action > world.terms[term].cap)
				action = world.terms[term].cap;
			assert_int_equal(step->action, action);
			assert_true(schedule->stages[stage].at <= step->at);
			assert_true(stage + 1 == schedule->stage_count ||
				    schedule->stages[stage + 1].at > step->at);
			assert_true(!i || timeline.steps[i - 1].at < step->at);
		}
	}
}

/* One schedule alone; its stages have the reasons 1, 2, and so on. */
static int merge_one(struct embargo_stage *stages, size_t count, struct embargo_timeline *timeline)
{
	struct embargo_schedule schedule = { .stages = stages, .stage_count = count };
	__u32 reasons[EMBARGO_TIMELINE_STEPS + 1];
	struct embargo_term term = { .schedule = &schedule,
				     .reasons = reasons,
				     .cap = EMBARGO_ACTION_DENY };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		reasons[i] = i + 1;
	return embargo_timeline_merge(&term, 1, timeline);
}

/* deny-new under a new authority goes on; it does not begin anew and let in what came between. */
static void deny_new_goes_on(void **state)
{
	struct embargo_stage stages[] = {
		{ .at = 10, .action = EMBARGO_ACTION_DENY_NEW },
		{ .at = 20, .action = EMBARGO_ACTION_DENY_NEW },
	};
	struct embargo_timeline timeline;

	(void)state;
	assert_int_equal(merge_one(stages, 2, &timeline), 0);
	assert_int_equal(timeline.count, 2);
	assert_int_equal(timeline.steps[1].at, 20);
	assert_int_equal(timeline.steps[1].since, 10);
	assert_int_equal(timeline.steps[1].reason, 2);
}

static void too_many_steps_leave_the_output_alone(void **state)
{
	struct embargo_stage stages[EMBARGO_TIMELINE_STEPS + 1];
	struct embargo_timeline timeline = { .count = 77 };

	(void)state;
	for (int i = 0; i <= EMBARGO_TIMELINE_STEPS; i++)
		stages[i] = (struct embargo_stage) { .at = i, .action = EMBARGO_ACTION_AUDIT };
	assert_int_equal(merge_one(stages, EMBARGO_TIMELINE_STEPS + 1, &timeline), -E2BIG);
	assert_int_equal(timeline.count, 77);
	assert_int_equal(merge_one(stages, EMBARGO_TIMELINE_STEPS, &timeline), 0);
	assert_int_equal(timeline.count, EMBARGO_TIMELINE_STEPS);
}

/* Dates at both ends of what a moment can be. */
static void the_ends_of_time(void **state)
{
	struct embargo_stage stages[] = {
		{ .at = INT64_MIN, .action = EMBARGO_ACTION_AUDIT },
		{ .at = INT64_MAX, .action = EMBARGO_ACTION_DENY },
	};
	struct embargo_timeline timeline;

	(void)state;
	assert_int_equal(merge_one(stages, 2, &timeline), 0);
	assert_int_equal(timeline.count, 2);
	assert_int_equal(embargo_step_in_force(&timeline, INT64_MIN), 0);
	assert_int_equal(embargo_step_in_force(&timeline, INT64_MAX - 1), 0);
	assert_int_equal(embargo_step_in_force(&timeline, INT64_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged_is_the_strictest_of_all),
		cmocka_unit_test(reasons_are_in_force),
		cmocka_unit_test(deny_new_goes_on),
		cmocka_unit_test(too_many_steps_leave_the_output_alone),
		cmocka_unit_test(the_ends_of_time),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
