// SPDX-License-Identifier: GPL-2.0-or-later
/* The decision that the kernel half takes: stages by date, deny-new by arrival, the strictest
 * first. */
#include "bpf/decide.h"
#include "tests/unit/unit.h"

#define AUDIT_AT    1000
#define DENY_NEW_AT 2000
#define DENY_AT	    3000

static const struct embargo_timeline law = {
	.count = 3,
	.steps = { { AUDIT_AT, AUDIT_AT, EMBARGO_ACTION_AUDIT, 1 },
		   { DENY_NEW_AT, DENY_NEW_AT, EMBARGO_ACTION_DENY_NEW, 2 },
		   { DENY_AT, DENY_AT, EMBARGO_ACTION_DENY, 3 } },
};

static struct embargo_decision decide(const struct embargo_timeline *timeline, __s64 now,
				      __s64 ctime)
{
	const struct embargo_facts facts = { .now = now, .ctime = ctime };
	struct embargo_decision decision = {};

	embargo_decide(&decision, timeline, &facts);
	return decision;
}

static void a_stage_begins_in_its_very_nanosecond(void **state)
{
	(void)state;
	assert_int_equal(embargo_step_in_force(&law, AUDIT_AT - 1), -1);
	assert_int_equal(embargo_step_in_force(&law, AUDIT_AT), 0);
	assert_int_equal(embargo_step_in_force(&law, DENY_NEW_AT - 1), 0);
	assert_int_equal(embargo_step_in_force(&law, DENY_NEW_AT), 1);
	assert_int_equal(embargo_step_in_force(&law, DENY_AT - 1), 1);
	assert_int_equal(embargo_step_in_force(&law, DENY_AT), 2);
	assert_int_equal(embargo_step_in_force(&law, INT64_MAX), 2);
}

static void nothing_is_decided_before_the_first_stage(void **state)
{
	(void)state;
	assert_int_equal(decide(&law, AUDIT_AT - 1, 0).verdict, EMBARGO_VERDICT_UNKNOWN);
	assert_int_equal(decide(&law, INT64_MIN, 0).verdict, EMBARGO_VERDICT_UNKNOWN);
}

static void each_stage_has_its_verdict(void **state)
{
	(void)state;
	assert_int_equal(decide(&law, AUDIT_AT, 0).verdict, EMBARGO_VERDICT_AUDIT);
	assert_int_equal(decide(&law, DENY_AT, 0).verdict, EMBARGO_VERDICT_DENY);
	assert_int_equal(decide(&law, DENY_AT, 0).reason, 3);
	assert_int_equal(decide(&law, DENY_AT, 0).since, DENY_AT);
}

static void deny_new_goes_by_arrival(void **state)
{
	(void)state;
	assert_int_equal(decide(&law, 2500, DENY_NEW_AT - 1).verdict, EMBARGO_VERDICT_AUDIT);
	assert_false(decide(&law, 2500, DENY_NEW_AT - 1).is_new);
	assert_int_equal(decide(&law, 2500, DENY_NEW_AT).verdict, EMBARGO_VERDICT_DENY);
	assert_true(decide(&law, 2500, DENY_NEW_AT).is_new);
}

static void a_ctime_in_the_future_is_new(void **state)
{
	struct embargo_timeline timeline = law;

	(void)state;
	/* A merge may leave `since` ahead of the step: only the comparison with now tells then. */
	timeline.steps[1].since = 9000;
	assert_int_equal(decide(&timeline, 2500, 2500).verdict, EMBARGO_VERDICT_AUDIT);
	assert_int_equal(decide(&timeline, 2500, 2501).verdict, EMBARGO_VERDICT_DENY);
}

static void what_cannot_be_dated_is_new(void **state)
{
	const struct embargo_facts undated = { .now = 2500, .arrival_unknown = 1 };
	const struct embargo_facts behind = { .now = 2500, .clock_behind = 1 };
	struct embargo_decision decision = {};

	(void)state;
	embargo_decide(&decision, &law, &undated);
	assert_int_equal(decision.verdict, EMBARGO_VERDICT_DENY);
	decision = (struct embargo_decision) {};
	embargo_decide(&decision, &law, &behind);
	assert_int_equal(decision.verdict, EMBARGO_VERDICT_DENY);
}

/* NTP moves the TAI offset by 37 s until the loader has seen it, and a leap second by one. */
static void a_clock_a_minute_behind_was_set_back(void **state)
{
	const __s64 second = 1000000000, floor = 1700000000 * second;

	(void)state;
	assert_false(embargo_clock_is_behind(floor + second, floor));
	assert_false(embargo_clock_is_behind(floor - 37 * second, floor));
	assert_false(embargo_clock_is_behind(floor - 60 * second, floor));
	assert_true(embargo_clock_is_behind(floor - 60 * second - 1, floor));
	assert_true(embargo_clock_is_behind(0, floor));
}

static void off_allows_and_names_its_rule(void **state)
{
	const struct embargo_timeline off = { .count = 1,
					      .steps = { { 1, 1, EMBARGO_ACTION_OFF, 7 } } };

	(void)state;
	assert_int_equal(decide(&off, 5, 0).verdict, EMBARGO_VERDICT_ALLOW);
	assert_int_equal(decide(&off, 5, 0).reason, 7);
}

static void the_strictest_stays_and_equals_keep_the_first(void **state)
{
	const struct embargo_timeline audit = { .count = 1,
						.steps = { { 1, 1, EMBARGO_ACTION_AUDIT, 8 } } };
	const struct embargo_timeline deny = { .count = 1,
					       .steps = { { 1, 1, EMBARGO_ACTION_DENY, 9 } } };
	const struct embargo_facts facts = { .now = DENY_AT };
	struct embargo_decision decision = {};

	(void)state;
	embargo_decide(&decision, &audit, &facts);
	assert_int_equal(decision.reason, 8);
	embargo_decide(&decision, &law, &facts);
	assert_int_equal(decision.reason, 3);
	embargo_decide(&decision, &deny, &facts);
	assert_int_equal(decision.reason, 3);
	embargo_decide(&decision, &audit, &facts);
	assert_int_equal(decision.verdict, EMBARGO_VERDICT_DENY);
}

static void a_full_timeline_is_searched_to_its_end(void **state)
{
	struct embargo_timeline full = { .count = EMBARGO_TIMELINE_STEPS };

	(void)state;
	for (int i = 0; i < EMBARGO_TIMELINE_STEPS; i++)
		full.steps[i] = (struct embargo_step) { i, i, EMBARGO_ACTION_AUDIT, i };
	assert_int_equal(embargo_step_in_force(&full, 1000), EMBARGO_TIMELINE_STEPS - 1);
	full.count = UINT32_MAX;
	assert_int_equal(embargo_step_in_force(&full, 1000), EMBARGO_TIMELINE_STEPS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage_begins_in_its_very_nanosecond),
		cmocka_unit_test(nothing_is_decided_before_the_first_stage),
		cmocka_unit_test(each_stage_has_its_verdict),
		cmocka_unit_test(deny_new_goes_by_arrival),
		cmocka_unit_test(a_ctime_in_the_future_is_new),
		cmocka_unit_test(what_cannot_be_dated_is_new),
		cmocka_unit_test(a_clock_a_minute_behind_was_set_back),
		cmocka_unit_test(off_allows_and_names_its_rule),
		cmocka_unit_test(the_strictest_stays_and_equals_keep_the_first),
		cmocka_unit_test(a_full_timeline_is_searched_to_its_end),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
