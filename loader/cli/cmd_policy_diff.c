// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy diff`: what would newly be refused, and from when. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/diff_report.h"
#include "loader/model/time.h"

struct options {
	bool all, json;
	const char *profile;
};

static const struct embargo_option table[] = {
	{ .name = "profile",
	  .argument = "NAME",
	  .summary = "by the schedules of this profile alone",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, profile) },
	{ .name = "all",
	  .summary = "each digest of a list, not only how many",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, all) },
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

/* The profiles that rules choose by, each once. */
struct profiles {
	const char *names[EMBARGO_POLICY_RULES];
	size_t count;
};

static void add_profile(struct profiles *profiles, const char *name)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (!strcmp(profiles->names[i], name))
			return;
	if (profiles->count < ARRAY_SIZE(profiles->names))
		profiles->names[profiles->count++] = name;
}

static void find_profiles(struct profiles *profiles, const struct embargo_policy_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++) {
			const struct embargo_rule *rule = &set->policies[i]->rules[j];

			for (size_t k = 0; k < rule->choice_count; k++)
				if (rule->choices[k].profile)
					add_profile(profiles, rule->choices[k].profile);
		}
}

/* A profile that no rule knows would make all policies the same. */
static int choose(struct profiles *profiles, const char *profile,
		  struct embargo_diagnostic *diagnostic)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (!strcmp(profiles->names[i], profile)) {
			profiles->names[0] = profile;
			profiles->count = 1;
			return 0;
		}
	embargo_diagnostic_remedy(diagnostic, "choose among those of embargo policy schedule");
	return embargo_diagnostic_what(diagnostic, -EINVAL, "no rule has the profile '%s'",
				       profile);
}

static int read_set(const char *file, const char *profile, struct embargo_policy_set **set,
		    struct embargo_diagnostic *diagnostic)
{
	return embargo_policy_set_read(
		&(struct embargo_policy_request) { .files = &file,
						   .count = 1,
						   .profile = profile,
						   .demand = EMBARGO_DEMAND_HOST },
		set, diagnostic);
}

struct pair {
	struct embargo_policy_set *old, *fresh;
	bool all;
};

static int compare_profile(const struct pair *pair, const char *profile,
			   struct embargo_diff_report *report,
			   struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_side_free) struct embargo_side old = { 0 };
	_cleanup_(embargo_side_free) struct embargo_side fresh = { 0 };
	int error = embargo_side_make(pair->old, profile, &old, diagnostic);

	if (!error)
		error = embargo_side_make(pair->fresh, profile, &fresh, diagnostic);
	report->profile = profile;
	if (!error)
		error = embargo_diff_sides(&old, &fresh, pair->all, embargo_diff_report_change,
					   report, diagnostic);
	return error ? error : embargo_diff_report_profile(report);
}

static int compare(const struct pair *pair, struct embargo_diff_report *report,
		   struct embargo_diagnostic *diagnostic)
{
	struct profiles profiles = { .count = 0 };
	int error = embargo_diff_heads(pair->old, pair->fresh, embargo_diff_report_head, report);

	find_profiles(&profiles, pair->fresh);
	find_profiles(&profiles, pair->old);
	if (!error && profiles.count && pair->fresh->profile)
		error = choose(&profiles, pair->fresh->profile, diagnostic);
	if (!profiles.count)
		profiles.names[profiles.count++] = NULL;
	for (size_t i = 0; i < profiles.count && !error; i++)
		error = compare_profile(pair, profiles.names[i], report, diagnostic);
	return error;
}

static int diff(const struct options *options, const char *old, const char *fresh, bool *is_same,
		struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_diff_report_free) struct embargo_diff_report report = {
		.now = wall_clock()
	};
	struct pair pair = { .all = options->all };
	int error, ended;

	if (options->json) {
		report.policies = json_array();
		report.changes = json_array();
	}
	error = read_set(old, options->profile, &pair.old, diagnostic);
	if (!error)
		error = read_set(fresh, options->profile, &pair.fresh, diagnostic);
	if (!error)
		error = compare(&pair, &report, diagnostic);
	*is_same = !report.count;
	ended = error ? error : embargo_diff_report_end(&report);
	if (ended && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, ended, "%s", strerror(-ended));
	embargo_policy_set_free(pair.old);
	embargo_policy_set_free(pair.fresh);
	return ended;
}

static int run(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct options options = { 0 };
	bool is_same = false;
	int status = embargo_options_parse(&embargo_verb_policy_diff, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc != 2)
		return embargo_options_refuse(&embargo_verb_policy_diff, argc > 2 ? argv[2] : NULL);
	if (diff(&options, argv[0], argv[1], &is_same, &diagnostic)) {
		embargo_log_diagnostic("policy diff", &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	return is_same ? EMBARGO_EXIT_YES : EMBARGO_EXIT_NO;
}

const struct embargo_verb embargo_verb_policy_diff = {
	.name = "policy diff",
	.operands = "OLD NEW",
	.summary = "say what would newly be denied, and from when",
	.details = "OLD and NEW are policies or folders of policies. Compared is what they refuse, "
		   "not how "
		   "they are written.\nExits with 1 where there is a difference.",
	.options = table,
	.run = run,
};
