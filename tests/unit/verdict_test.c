// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts worked out from tables: scopes, the size filter, paths, on-error, and what comes next.
 */
#include "loader/verdict/verdict.h"
#include "tests/unit/unit.h"

enum { NONE, LAW, AUDIT, LATER, TIMELINES };

static struct embargo_timeline timelines[TIMELINES] = {
	[LAW] = { .count = 3,
		  .steps = { { 1000, 1000, EMBARGO_ACTION_AUDIT, 1 },
			     { 2000, 2000, EMBARGO_ACTION_DENY_NEW, 1 },
			     { 3000, 3000, EMBARGO_ACTION_DENY, 1 } } },
	[AUDIT] = { .count = 1, .steps = { { 0, 0, EMBARGO_ACTION_AUDIT, 2 } } },
	[LATER] = { .count = 1, .steps = { { 2500, 2500, EMBARGO_ACTION_DENY, 3 } } },
};

/* Digest 1 is sized and of ELF files, digest 2 is not sized and of modules, digest 3 of packages.
 */
static struct embargo_digest_entry digests[] = {
	{ { { 1 } }, { LAW, EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_MAP_EXEC, 0 } },
	{ { { 2 } }, { LAW, EMBARGO_SCOPE_MODULE, 0 } },
	{ { { 3 } }, { LAW, 0, 0 } },
	{ { { 4 } }, { LAW, EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_OPEN, AUDIT } },
};

static struct embargo_size_entry sizes[] = {
	{ .size = 100,
	  .scopes = EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_MAP_EXEC | EMBARGO_SCOPE_OPEN },
};

/* "/opt/ban/" and the file "/opt/one". */
static struct embargo_path_entry paths[] = {
	{ { .node = 0, .length = 3, .last = 1, .bytes = "opt" }, { .node = 1 } },
	{ { .node = 1, .length = 3, .last = 1, .bytes = "ban" }, { .node = 2, .below = LATER } },
	{ { .node = 1, .length = 3, .last = 1, .bytes = "one" },
	  { .node = 3, .exact = AUDIT, .opens_exact = LATER } },
};

static const struct embargo_tables tables = {
	.head = { .max_hash = 1000,
		  .unsized_scopes = EMBARGO_SCOPE_MODULE,
		  .sized_scopes = EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_MAP_EXEC,
		  .on_error = AUDIT },
	.digests = digests,
	.digest_count = sizeof(digests) / sizeof(digests[0]),
	.sizes = sizes,
	.size_count = 1,
	.paths = paths,
	.path_count = sizeof(paths) / sizeof(paths[0]),
	.timelines = timelines,
	.timeline_count = TIMELINES,
};

static struct embargo_question ask(__u32 scope, uint8_t digest, uint64_t size)
{
	return (struct embargo_question) {
		.scope = scope,
		.candidates = { { .digest = { { digest } }, .size = size } },
		.candidate_count = 1,
	};
}

static struct embargo_answer answer(const struct embargo_question *question, int64_t now)
{
	struct embargo_answer found;

	assert_int_equal(embargo_question_answer(question, &tables, now, &found), 0);
	return found;
}

static void a_listed_digest_goes_through_its_stages(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_ELF, 1, 100);
	struct embargo_answer found = answer(&question, 999);

	(void)state;
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_ALLOW);
	assert_int_equal(found.ground, EMBARGO_GROUND_NONE);
	assert_true(found.has_next);
	assert_int_equal(found.next_at, 1000);
	assert_int_equal(found.next.action, EMBARGO_ACTION_AUDIT);

	found = answer(&question, 1000);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_AUDIT);
	assert_int_equal(found.ground, EMBARGO_GROUND_DIGEST);
	/* An old file: deny-new changes nothing for it, the next change is the denial. */
	assert_int_equal(found.next_at, 3000);

	question.ctime = 2000;
	assert_int_equal(answer(&question, 1000).next_at, 2000);
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_DENY);
	assert_true(answer(&question, 2500).decision.is_new);

	found = answer(&question, 3000);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_DENY);
	assert_false(found.has_next);
}

static void a_digest_counts_in_its_scopes_only(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_PE, 1, 100);

	(void)state;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question.scope = EMBARGO_SCOPE_MAP_EXEC;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_DENY);
	question = ask(EMBARGO_SCOPE_MODULE, 1, 100);
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_ALLOW);
}

static void the_size_filter_is_the_kernels(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_ELF, 1, 101);

	(void)state;
	/* A list with a wrong size: the kernel never hashes such a file, so nothing is denied. */
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question = ask(EMBARGO_SCOPE_MODULE, 2, 12345);
	question.candidates[0].size = 999;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_DENY);
}

static void on_error_decides_where_there_is_no_digest(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_MODULE, 2, 1001);
	struct embargo_answer found = answer(&question, 5000);

	(void)state;
	assert_true(found.no_digest);
	assert_int_equal(found.ground, EMBARGO_GROUND_NO_DIGEST);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_AUDIT);
	question.candidates[0].size = 1000; /* the largest that is hashed */
	assert_false(answer(&question, 5000).no_digest);
	question = ask(EMBARGO_SCOPE_EXEC_ELF, 9, 100);
	question.candidates[0].unhashable = true;
	assert_true(answer(&question, 5000).no_digest);
	/* Not wanted at all: its size clears it. */
	question.candidates[0].size = 99;
	assert_false(answer(&question, 5000).no_digest);
}

static void paths_count_beside_digests(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_ELF, 9, 1);
	struct embargo_answer found;

	(void)state;
	question.path = "/opt/ban/bin/x";
	found = answer(&question, 2499);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_ALLOW);
	assert_int_equal(found.next_at, 2500);
	found = answer(&question, 2500);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_DENY);
	assert_int_equal(found.ground, EMBARGO_GROUND_PATH);
	question.path = "/opt/ban";
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question.path = "/opt/bang/x";
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question.path = "/opt/one";
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_AUDIT);
	question.path = "/opt/one/x";
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_ALLOW);
}

static void the_strictest_of_digest_and_path_wins(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_ELF, 1, 100);
	struct embargo_answer found;

	(void)state;
	question.path = "/opt/ban/x";
	found = answer(&question, 2600);
	assert_int_equal(found.decision.reason, 3);
	assert_int_equal(found.ground, EMBARGO_GROUND_PATH);
	/* Both deny: the digest's comes first. */
	found = answer(&question, 3000);
	assert_int_equal(found.decision.reason, 1);
	assert_int_equal(found.ground, EMBARGO_GROUND_DIGEST);
}

static void what_is_handed_over_in_memory_is_new(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_MODULE, 9, 50);

	(void)state;
	question.candidate_count = 2;
	question.candidates[1] =
		(struct embargo_candidate) { .digest = { { 2 } }, .size = 80, .in_memory = true };
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_DENY);
	assert_int_equal(answer(&question, 2500).candidate, 1);
	/* max_hash is of files. */
	question.candidates[1].size = EMBARGO_BUFFER_MAX;
	assert_false(answer(&question, 2500).no_digest);
	question.candidates[1].size = EMBARGO_BUFFER_MAX + 1;
	assert_true(answer(&question, 2500).no_digest);
	question.candidates[1].size = 80;
	question.candidates[1].in_memory = false;
	assert_int_equal(answer(&question, 2500).decision.verdict, EMBARGO_VERDICT_AUDIT);
}

static void an_unenforced_operation_goes_by_any_listed_digest(void **state)
{
	struct embargo_question question = ask(0, 3, 99999);

	(void)state;
	assert_int_equal(answer(&question, 3000).decision.verdict, EMBARGO_VERDICT_DENY);
	assert_false(answer(&question, 3000).no_digest);
	question.scope = EMBARGO_SCOPE_EXEC_ELF;
	assert_int_equal(answer(&question, 3000).decision.verdict, EMBARGO_VERDICT_ALLOW);
}

static void opening_is_for_rules_that_reach_so_far(void **state)
{
	struct embargo_question question = ask(EMBARGO_SCOPE_OPEN, 1, 100);

	(void)state;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question.candidates[0].digest.bytes[0] = 4;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_AUDIT);
	question.scope = EMBARGO_SCOPE_EXEC_ELF;
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_DENY);
	question = ask(EMBARGO_SCOPE_OPEN, 9, 1);
	question.path = "/opt/ban/x";
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_ALLOW);
	question.path = "/opt/one";
	assert_int_equal(answer(&question, 5000).decision.verdict, EMBARGO_VERDICT_DENY);
}

static void empty_tables_allow(void **state)
{
	const struct embargo_tables empty = {};
	struct embargo_question question = ask(EMBARGO_SCOPE_EXEC_ELF, 1, 100);
	struct embargo_answer found;

	(void)state;
	question.path = "/opt/ban/x";
	assert_int_equal(embargo_question_answer(&question, &empty, 5000, &found), 0);
	assert_int_equal(found.decision.verdict, EMBARGO_VERDICT_ALLOW);
	assert_false(found.has_next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listed_digest_goes_through_its_stages),
		cmocka_unit_test(a_digest_counts_in_its_scopes_only),
		cmocka_unit_test(the_size_filter_is_the_kernels),
		cmocka_unit_test(on_error_decides_where_there_is_no_digest),
		cmocka_unit_test(paths_count_beside_digests),
		cmocka_unit_test(the_strictest_of_digest_and_path_wins),
		cmocka_unit_test(what_is_handed_over_in_memory_is_new),
		cmocka_unit_test(an_unenforced_operation_goes_by_any_listed_digest),
		cmocka_unit_test(opening_is_for_rules_that_reach_so_far),
		cmocka_unit_test(empty_tables_allow),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
