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
	bool json, blacklist;
	const char *html, *profile;
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
	{ .name = "blacklist",
	  .summary =
		  "print digests that are denied now as the kernel's keyring .blacklist takes them",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, blacklist) },
	{ .name = "profile",
	  .argument = "NAME",
	  .summary = "for --blacklist: the profile that chooses among the schedules of a rule",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, profile) },
	EMBARGO_OPTIONS_END,
};

static int print(const struct embargo_policy_set *set, bool json,
		 struct embargo_diagnostic *diagnostic)
{
	_cleanup_json_ json_t *array = json ? json_array() : NULL;
	int error = 0;

	for (size_t i = 0; i < set->count && !error; i++)
		error = json ? embargo_policy_json(array, set->policies[i], diagnostic)
			     : embargo_policy_print(set->policies[i], diagnostic);
	return !error && json ? embargo_json_print(array, stdout) : error;
}

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS;
}

static int write_page(const struct embargo_policy_set *set, const char *path,
		      struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_spool_close) struct embargo_spool spool = { 0 };
	int error = embargo_spool_open(&spool, strcmp(path, "-") ? path : NULL);

	if (error)
		return error;
	error = embargo_page_write(spool.out, set, wall_clock(), diagnostic);
	return error ? error : embargo_spool_give(&spool);
}

static int show(const struct embargo_policy_set *set, const struct options *options,
		struct embargo_diagnostic *diagnostic)
{
	if (options->html)
		return write_page(set, options->html, diagnostic);
	if (options->blacklist)
		return embargo_policy_blacklist(set, wall_clock(), diagnostic);
	return print(set, options->json, diagnostic);
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
						   .profile = options.profile,
						   .shipped_fallback = true,
						   .demand = EMBARGO_DEMAND_HOST },
		&set, &diagnostic);
	if (!error)
		error = show(set, &options, &diagnostic);
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
