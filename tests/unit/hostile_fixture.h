/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hostile policies to test with: a table of them, and that each is refused where it is wrong, in
 * these words, with a remedy, and nothing made of it. */
#ifndef EMBARGO_TESTS_UNIT_HOSTILE_H
#define EMBARGO_TESTS_UNIT_HOSTILE_H

#include <errno.h>
#include <sys/stat.h>

#include "loader/policy/policy.h"
#include "tests/unit/unit.h"

/* A policy that would do, in pieces of known length: rules begin in line 5, their first in line 6.
 */
#define HEAD	      "policy: p\nversion: 1\n"
#define VENDORS	      "vendors: [ { id: v } ]\n"
#define SCHEDULES     "schedules: { s: [ { at: \"2020-01-01T00:00:00Z\", action: deny } ] }\n"
#define RULES	      "rules:\n"
#define RULE(matches) RULES "  - { id: r, vendor: v, schedule: s, " matches " }\n"
#define GOOD_RULE     RULE("any: [ { path: /opt/v/ } ]")
#define WITH(rules)   HEAD VENDORS SCHEDULES rules
#define STAGES(stages)                           \
	HEAD VENDORS "schedules:\n  s:\n" stages \
		     "rules: [ { id: r, vendor: v, schedule: s, any: [ { path: /a/ } ] } ]\n"
#define LIST	  WITH(RULE("digests: { file: list, of: elf }"))
#define HEX	  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define TEXT(bytes) .text = (bytes), .length = sizeof(bytes) - 1

struct hostile {
	const char *name;
	const char *text; /* of p.yaml; NULL: `make` makes it */
	size_t length;	  /* where there is a NUL in it */
	const char *list; /* of the file `list` beside it, or NULL */
	void (*make)(void);
	const char *file; /* that is blamed; NULL: p.yaml */
	unsigned int line, column;
	const char *what;
};

static char folder[] = "/tmp/embargo-hostile-XXXXXX";

static inline void write_file(const char *name, const char *bytes, size_t length)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* Every case has its own folder, and all paths are seen from there. */
static inline int enter_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static inline int leave_folder(void **state)
{
	char *command;
	int status;

	(void)state;
	if (chdir("/") || asprintf(&command, "rm -rf '%s'", folder) < 0)
		return -1;
	status = system(command);
	free(command);
	return status;
}

/* What is expected, with FOLDER for the folder of this run. */
static inline char *expand(const char *text)
{
	const char *at = strstr(text, "FOLDER");
	char *expanded;

	if (!at)
		return strdup(text);
	assert_true(asprintf(&expanded, "%.*s%s%s", (int)(at - text), text, folder, at + 6) > 0);
	return expanded;
}

static inline void refuses(void **state)
{
	const struct hostile *expected = *state;
	const char *const files[] = { "p.yaml" };
	struct embargo_policy_request request = { .files = files, .count = 1 };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables, before;
	char *what;

	if (expected->make)
		expected->make();
	else
		write_file("p.yaml", expected->text, expected->length);
	if (expected->list)
		write_file("list", expected->list, strlen(expected->list));
	memset(&tables, 0x5a, sizeof(tables));
	before = tables;
	assert_true(embargo_policy_compile_host(&request, &tables, &diagnostic) < 0);
	what = expand(expected->what);
	assert_string_equal(diagnostic.what, what);
	free(what);
	assert_string_equal(diagnostic.file, expected->file ? expected->file : "p.yaml");
	assert_int_equal(diagnostic.line, expected->line);
	assert_int_equal(diagnostic.column, expected->column);
	assert_true(diagnostic.remedy[0]);
	assert_memory_equal(&tables, &before, sizeof(tables));
}

/* Runs the table, with @first before it where there is a test of its own. */
static inline int run_hostile(const char *name, const struct hostile *table, size_t count,
			      CMUnitTestFunction first)
{
	struct CMUnitTest *tests = calloc(count + 1, sizeof(*tests));
	size_t used = 0;
	int failed;

	assert_non_null(tests);
	if (first)
		tests[used++] = (struct CMUnitTest) { "accepts_the_good_one", first, enter_folder,
						      leave_folder, NULL };
	for (size_t i = 0; i < count; i++)
		tests[used++] = (struct CMUnitTest) { table[i].name, refuses, enter_folder,
						      leave_folder, (void *)&table[i] };
	failed = _cmocka_run_group_tests(name, tests, used, NULL, NULL);
	free(tests);
	return failed;
}

#define RUN_HOSTILE(name, table, first) \
	run_hostile(name, table, sizeof(table) / sizeof((table)[0]), first)

#endif
