/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies to test with: a folder of its own for each test, a short way to write one, and to
 * compile it. */
#ifndef EMBARGO_TESTS_UNIT_POLICY_H
#define EMBARGO_TESTS_UNIT_POLICY_H

#include "loader/policy/policy.h"
#include "tests/unit/unit.h"

#define HEAD                                                                            \
	"policy: p\nversion: 1\nvendors: [ { id: v } ]\n"                               \
	"authorities: [ { id: law, cite: The Law } ]\n"                                 \
	"schedules:\n"                                                                  \
	"  early: [ { at: \"2020-01-01T00:00:00Z\", action: deny, authority: law } ]\n" \
	"  late: [ { at: \"2030-01-01T00:00:00Z\", action: audit } ]\n"                 \
	"rules:\n"
#define RULE(id, schedule, matches) \
	"  - { id: " id ", vendor: v, schedule: " schedule ", " matches " }\n"

static char folder[] = "/tmp/embargo-compile-XXXXXX";

static inline int enter_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static inline int leave_folder(void **state)
{
	char command[64];

	(void)state;
	if (chdir("/"))
		return -1;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

static inline void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Compiles the policy @name, which has to go well. */
static inline void compile(const char *name, const char *profile, struct embargo_tables *tables)
{
	struct embargo_policy_request request = { .files = &name, .count = 1, .profile = profile };
	struct embargo_diagnostic diagnostic = { 0 };
	char text[2048];

	if (embargo_policy_compile_host(&request, tables, &diagnostic))
		fail_msg("%s", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
}

static inline const char *rule_of(const struct embargo_tables *tables, __u32 timeline)
{
	assert_true(timeline && timeline < tables->timeline_count);
	return tables->reasons[tables->timelines[timeline].steps[0].reason].rule;
}

#endif
