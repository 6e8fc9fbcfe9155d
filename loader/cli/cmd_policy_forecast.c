// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy forecast`: what stops on this host, and when. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/classify/recollection.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/forecast.h"
#include "loader/crypto/anchors.h"
#include "loader/model/time.h"

struct options {
	struct embargo_judging_options judging;
	bool json;
};

static const struct embargo_option table[] = {
	EMBARGO_JUDGING_OPTIONS(struct options, judging),
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static int start(struct embargo_forecast *forecast, const struct options *options)
{
	struct embargo_judging_options judging = options->judging;
	struct embargo_diagnostic ignored = {};
	char text[EMBARGO_TIME_TEXT];
	uint64_t anchors;
	int error;

	/* What stops now is judged first: the date is another question. */
	judging.at = INT64_MIN;
	embargo_anchors_number_in(EMBARGO_ANCHORS_FOLDER, &anchors, &ignored);
	error = embargo_judging_start(&forecast->judging, &judging);
	if (error)
		return error;
	embargo_judging_remember(&forecast->judging, embargo_recollection_ground(anchors));
	forecast->until = options->judging.at == INT64_MIN ? INT64_MAX : options->judging.at;
	if (forecast->until <= forecast->judging.at) {
		embargo_log_error("--at",
				  "this is past: it is %s here; what is refused now, embargo "
				  "scan tells",
				  embargo_time_format(forecast->judging.at, text, sizeof(text)));
		return -EINVAL;
	}
	forecast->arena = embargo_arena_new();
	return forecast->arena ? 0 : -ENOMEM;
}

static int run(int argc, char **argv)
{
	_cleanup_(embargo_forecast_stop) struct embargo_forecast forecast = { .until = 0 };
	struct options options = { .judging.at = INT64_MIN };
	int status = embargo_options_parse(&embargo_verb_policy_forecast, &argc, &argv, &options);
	int error;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (start(&forecast, &options))
		return EMBARGO_EXIT_FAILURE;
	error = embargo_forecast_make(&forecast, argv, (size_t)argc);
	if (!error)
		error = options.json ? embargo_forecast_print_json(&forecast)
				     : embargo_forecast_print(&forecast);
	if (error)
		embargo_log_error("policy forecast", "%s", strerror(-error));
	for (size_t i = 0; i < forecast.missing_count; i++)
		if (forecast.missing[i])
			embargo_log_error("policy forecast", "not complete: %s",
					  forecast.missing[i]);
	if (error || forecast.missing_count)
		return EMBARGO_EXIT_FAILURE;
	return forecast.files.count || forecast.needs.count || forecast.seen.count
		       ? EMBARGO_EXIT_NO
		       : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_forecast = {
	.name = "policy forecast",
	.operands = "[PATH...]",
	.summary = "say what stops on this host on the dates to come",
	.details = "Looks at every local file system or below the paths, at what runs, at loaded "
		   "modules, "
		   "services,\npackages and the journal. With --at, what does not stop now and is "
		   "denied "
		   "then. Exits with 1\nwhere something stops, and with 2 where not all of it "
		   "could be "
		   "looked at.",
	.options = table,
	.run = run,
};
