// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy show`: what policies say, as text, as JSON and as a page. */
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/policy_report.h"
#include "loader/cli/spool.h"
#include "loader/model/time.h"
#include "loader/render/page.h"

struct options {
	bool json;
	const char *html;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "html",
	  .argument = "FILE",
	  .summary = "write a page to be read and printed there; - is standard output",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, html) },
	EMBARGO_OPTIONS_END,
};

static int show(const struct embargo_policy_set *set, bool json,
		struct embargo_diagnostic *diagnostic)
{
	_cleanup_json_ json_t *array = json ? json_array() : NULL;
	int error = 0;

	for (size_t i = 0; i < set->count && !error; i++)
		error = json ? embargo_policy_json(array, set->policies[i], diagnostic)
			     : embargo_policy_print(set->policies[i], diagnostic);
	return !error && json ? embargo_json_print(array, stdout) : error;
}

static int write_page(const struct embargo_policy_set *set, const char *path,
		      struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_spool_close) struct embargo_spool spool = { 0 };
	struct timespec now;
	int error = embargo_spool_open(&spool, strcmp(path, "-") ? path : NULL);

	if (error)
		return error;
	clock_gettime(CLOCK_REALTIME, &now);
	error = embargo_page_write(spool.out, set, now.tv_sec * EMBARGO_SECOND_NS, diagnostic);
	return error ? error : embargo_spool_give(&spool);
}

static int run(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy_set *set = NULL;
	struct options options = { 0 };
	int status = embargo_options_parse(&embargo_verb_policy_show, &argc, &argv, &options);
	int error;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	error = embargo_policy_set_read(
		&(struct embargo_policy_request) { .files = (const char *const *)argv,
						   .count = (size_t)argc,
						   .shipped_fallback = true,
						   .demand = EMBARGO_DEMAND_HOST },
		&set, &diagnostic);
	if (!error)
		error = options.html ? write_page(set, options.html, &diagnostic)
				     : show(set, options.json, &diagnostic);
	embargo_policy_set_free(set);
	/* What is wrong with the file to be written has been said. */
	if (error && diagnostic.what[0])
		embargo_log_diagnostic("policy show", &diagnostic);
	return error ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_show = {
	.name = "policy show",
	.operands = "[FILE...]",
	.summary = "print what policies say",
	.details = "Without FILE the host's policies, or else the shipped ones.",
	.options = table,
	.run = run,
};
