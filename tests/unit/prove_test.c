// SPDX-License-Identifier: GPL-2.0-or-later
/* The proof without a kernel: what follows from what was seen, canaries, and the table of ways. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/cli/prove_report.h"
#include "loader/kernel/trial.h"
#include "loader/prove/canary.h"
#include "loader/prove/prove.h"
#include "tests/unit/unit.h"

static const struct embargo_way tried = { .name = "tried", .what = "is tried", .cases = "a/b a/c" };
static const struct embargo_way limit = {
	.name = "limit", .what = "is told", .cases = "a/d", .open = "it is"
};

static void judges(void **state)
{
	static const struct {
		const struct embargo_way *way;
		int twin, listed;
		enum embargo_verdict told;
		int algorithm;
		enum embargo_outcome outcome;
		const char *because;
	} table[] = {
		{ &tried, 0, -EPERM, EMBARGO_VERDICT_DENY, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_CLOSED, "" },
		/* The loader says only that it failed: what was told of decides. */
		{ &tried, 0, -ECHILD, EMBARGO_VERDICT_DENY, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_CLOSED, "" },
		{ &tried, 0, 0, EMBARGO_VERDICT_AUDIT, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_AUDITED, "not refused" },
		{ &tried, 0, 0, EMBARGO_VERDICT_UNKNOWN, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_OPEN, "did not ask" },
		{ &tried, 0, 0, EMBARGO_VERDICT_DENY, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_OPEN, "got through" },
		{ &tried, 0, 0, EMBARGO_VERDICT_UNKNOWN, 2, EMBARGO_OUTCOME_OPEN,
		  "ima_hash=sha256" },
		{ &tried, 0, 0, EMBARGO_VERDICT_UNKNOWN, -EOPNOTSUPP, EMBARGO_OUTCOME_OPEN,
		  "CONFIG_IMA=y" },
		/* Refused by somebody else: nothing was shown of us. */
		{ &tried, 0, -EPERM, EMBARGO_VERDICT_UNKNOWN, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_UNTRIED, "nobody refused it" },
		{ &tried, -EPERM, -EPERM, EMBARGO_VERDICT_DENY, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_UNTRIED, "not listed fails" },
		{ &tried, -ETIME, 0, EMBARGO_VERDICT_UNKNOWN, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_UNTRIED, "in time" },
		{ &tried, -ENOTSUP, 0, EMBARGO_VERDICT_UNKNOWN, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_ABSENT, "" },
		{ &limit, 0, 0, EMBARGO_VERDICT_UNKNOWN, EMBARGO_ALGORITHM_SHA256,
		  EMBARGO_OUTCOME_OPEN, "it is" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct embargo_proof_way result;

		embargo_prove_judge(table[i].way, table[i].twin, table[i].listed, table[i].told,
				    table[i].algorithm, &result);
		assert_int_equal(result.outcome, table[i].outcome);
		assert_non_null(strstr(result.because, table[i].because));
	}
}

static void exits(void **state)
{
	static const struct {
		enum embargo_outcome outcome[2];
		int exit;
	} table[] = {
		{ { EMBARGO_OUTCOME_CLOSED, EMBARGO_OUTCOME_CLOSED }, 0 },
		{ { EMBARGO_OUTCOME_CLOSED, EMBARGO_OUTCOME_ABSENT }, 0 },
		{ { EMBARGO_OUTCOME_UNTRIED, EMBARGO_OUTCOME_CLOSED }, 2 },
		{ { EMBARGO_OUTCOME_UNTRIED, EMBARGO_OUTCOME_OPEN }, 1 },
		{ { EMBARGO_OUTCOME_CLOSED, EMBARGO_OUTCOME_AUDITED }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct embargo_proof_way ways[] = {
			{ .way = &tried, .outcome = table[i].outcome[0] },
			{ .way = &limit, .outcome = EMBARGO_OUTCOME_OPEN },
			{ .way = &tried, .outcome = table[i].outcome[1] },
		};
		struct embargo_proof proof = { ways, ARRAY_SIZE(ways) };

		assert_int_equal(embargo_prove_report_exit(&proof), table[i].exit);
	}
}

static void reports(void **state)
{
	struct embargo_proof_way ways[] = {
		{ .way = &tried, .outcome = EMBARGO_OUTCOME_CLOSED },
		{ .way = &limit, .outcome = EMBARGO_OUTCOME_OPEN, .because = "it is" },
	};
	struct embargo_proof proof = { ways, ARRAY_SIZE(ways) };
	_cleanup_free_
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	embargo_prove_report_text(&proof, out);
	assert_int_equal(embargo_prove_report_json(&proof, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "closed   tried"));
	assert_non_null(strstr(text, "open because it is"));
	assert_non_null(strstr(text, "1 closed, 0 open that should be closed, 0 only audited, "
				     "1 known to be open"));
	assert_non_null(strstr(text, "\"a/c\""));
	assert_non_null(strstr(text, "\"known\": true"));
}

static void canaries_run(void **state)
{
	struct embargo_canary canary;
	char *const arguments[] = { (char *)"canary", NULL };
	size_t size;
	int status, fd = memfd_create("canary", 0);
	pid_t pid;

	(void)state;
	assert_int_equal(embargo_canary_size(&size), 0);
	assert_int_equal(size % 2, 1);
	assert_in_range(size, EMBARGO_CANARY_LEAST, EMBARGO_CANARY_MOST);
	assert_int_equal(embargo_canary_make(EMBARGO_CANARY_PROGRAM, size, NULL, &canary), 0);
	assert_memory_equal(canary.listed, canary.twin, size - 1);
	assert_memory_equal(canary.listed, canary.harmless, size - 1);
	assert_int_not_equal(canary.listed[size - 1], canary.twin[size - 1]);
	assert_int_not_equal(canary.listed[size - 1], canary.harmless[size - 1]);
	assert_int_not_equal(canary.twin[size - 1], canary.harmless[size - 1]);
	assert_int_equal(write(fd, canary.listed, size), size);
	pid = fork();
	if (!pid) {
		fexecve(fd, arguments, arguments + 1);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EMBARGO_CANARY_STATUS);
	close(fd);
	embargo_canary_free(&canary);
}

/* Each row either is tried or says why not, and names what stands for it in the tests. */
static void ways_are_whole(void **state)
{
	static const struct embargo_ways *const all[] = {
		&embargo_ways_exec,   &embargo_ways_place,  &embargo_ways_map,
		&embargo_ways_change, &embargo_ways_kernel, &embargo_ways_told,
	};
	const char *names[128];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		for (size_t j = 0; j < all[i]->count; j++) {
			const struct embargo_way *way = &all[i]->row[j];

			assert_true(way->name && way->what && way->cases && way->operation);
			assert_int_equal(!way->attempt, !!way->open);
			assert_true(!way->attempt || way->kind);
			assert_true(way->place != EMBARGO_PLACE_LABELLED || way->absent);
			for (size_t k = 0; k < count; k++)
				assert_string_not_equal(names[k], way->name);
			assert_true(count < ARRAY_SIZE(names));
			names[count++] = way->name;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),	  cmocka_unit_test(exits),
		cmocka_unit_test(reports),	  cmocka_unit_test(canaries_run),
		cmocka_unit_test(ways_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
