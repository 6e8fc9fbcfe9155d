// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo status`: enforcing or not, and everything about it, in three forms. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/status/status.h"
#include "loader/steward/steward.h"

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

/* Who may not look may be of the group that may ask; what the guard closes to root the daemon may
 * still see. */
static int ask_steward(enum embargo_status_form form, const struct embargo_status *status)
{
	_cleanup_(embargo_control_answer_free) struct embargo_control_answer answer = { 0 };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int error = embargo_steward_status(form, &answer, &diagnostic);

	if (status->is_closed && (error || !answer.size)) {
		embargo_status_print(status, form, stdout);
		return EMBARGO_EXIT_YES;
	}
	if (error == -ENOENT || error == -ECONNREFUSED || error == -EACCES) {
		embargo_log_diagnostic(NULL, &status->why);
		return EMBARGO_EXIT_FAILURE;
	}
	if (error || !answer.size) {
		embargo_log_diagnostic("status", error ? &diagnostic : &answer.diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	fwrite(answer.document, 1, answer.size, stdout);
	return answer.error ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

int embargo_cmd_status(int argc, char **argv)
{
	struct options options = { 0 };
	enum embargo_status_form form;
	struct embargo_status status;
	int result = embargo_options_parse(&embargo_verb_status, &argc, &argv, &options);
	int error;

	if (result != EMBARGO_OPTIONS_PARSED)
		return result;
	if (argc)
		return embargo_options_refuse(&embargo_verb_status, argv[0]);
	form = options.json	     ? EMBARGO_STATUS_JSON
	       : options.openmetrics ? EMBARGO_STATUS_METRICS
				     : EMBARGO_STATUS_TEXT;
	error = embargo_status_gather(&status);
	if ((error && error != -ENOENT) || status.is_closed)
		result = ask_steward(form, &status);
	else
		embargo_status_print(&status, form, stdout);
	embargo_status_free(&status);
	if (result != EMBARGO_OPTIONS_PARSED)
		return result;
	return error ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_status = {
	.name = "status",
	.summary = "say whether policies are in force, and how it goes",
	.details = "Exits with 1 where nothing is in force. Beside root the members of the group "
		   "embargo may\nask, where a daemon runs.",
	.options = table,
	.run = embargo_cmd_status,
};
