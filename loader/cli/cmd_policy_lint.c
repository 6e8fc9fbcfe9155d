// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy lint`: would a policy load, and is it meant as it is written? */
#include <stdio.h>
#include <time.h>

#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/model/time.h"
#include "loader/policy/policy.h"

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

static void warn(void *context, const struct embargo_diagnostic *warning)
{
	struct embargo_diagnostic said = *warning;
	size_t *count = context;

	snprintf(said.what, sizeof(said.what), "warning: %.480s", warning->what);
	embargo_log_diagnostic(NULL, &said);
	(*count)++;
}

static int lint(const char *file, size_t *warnings)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy *policy = NULL;
	int error = embargo_policy_read(file, &policy, &diagnostic);

	if (!error)
		error = embargo_policy_lint(policy, wall_clock(), warn, warnings, &diagnostic);
	if (error)
		embargo_log_diagnostic(file, &diagnostic);
	embargo_policy_free(policy);
	return error;
}

static int run(int argc, char **argv)
{
	int status = embargo_options_parse(&embargo_verb_policy_lint, &argc, &argv, NULL);
	size_t refused = 0, warnings = 0;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_policy_lint, NULL);
	for (int i = 0; i < argc; i++)
		refused += lint(argv[i], &warnings) != 0;
	printf("%d checked, %zu refused, %zu warnings\n", argc, refused, warnings);
	return refused ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_lint = {
	.name = "policy lint",
	.operands = "FILE...",
	.summary = "check policies and their digest lists",
	.details = "Exits with 2 when a policy would be refused. Warnings alone leave 0.",
	.run = run,
};
