// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo status`: enforcing or not, and everything about it, in three forms. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/status/status.h"

struct options {
	bool json;
	bool openmetrics;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "openmetrics",
	  .summary = "print OpenMetrics, for a collector's text files",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, openmetrics) },
	EMBARGO_OPTIONS_END,
};

int embargo_cmd_status(int argc, char **argv)
{
	struct options options = { 0 };
	struct embargo_status status;
	int result = embargo_options_parse(&embargo_verb_status, &argc, &argv, &options);
	int error;

	if (result != EMBARGO_OPTIONS_PARSED)
		return result;
	if (argc)
		return embargo_options_refuse(&embargo_verb_status, argv[0]);
	error = embargo_status_gather(&status);
	if (error && error != -ENOENT) {
		embargo_log_diagnostic(NULL, &status.why);
		embargo_status_free(&status);
		return EMBARGO_EXIT_FAILURE;
	}
	embargo_status_print(&status,
			     options.json	   ? EMBARGO_STATUS_JSON
			     : options.openmetrics ? EMBARGO_STATUS_METRICS
						   : EMBARGO_STATUS_TEXT,
			     stdout);
	embargo_status_free(&status);
	return error ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_status = {
	.name = "status",
	.summary = "say whether policies are in force, and how it goes",
	.details = "Exits with 1 where nothing is in force.",
	.options = table,
	.run = embargo_cmd_status,
};
