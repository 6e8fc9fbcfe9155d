// SPDX-License-Identifier: GPL-2.0-or-later
/* Binding rules to what this host's profile makes of them. */
#include "loader/policy/bounds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/base/cleanup.h"

static int refuse_profile(const struct embargo_policy_set *set, const struct embargo_policy *policy,
			  const struct embargo_rule *rule, struct embargo_diagnostic *diagnostic)
{
	char choices[EMBARGO_DIAGNOSTIC_TEXT / 2] = "";
	size_t used = 0;

	for (size_t i = 0; i < rule->choice_count && used < sizeof(choices); i++)
		used += (size_t)snprintf(choices + used, sizeof(choices) - used, "%s%s",
					 used ? " or " : "", rule->choices[i].profile);
	embargo_diagnostic_at(diagnostic, policy->file, rule->mark.line, rule->mark.column);
	embargo_diagnostic_remedy(diagnostic, "choose --profile %s, or write profile: into %s",
				  choices, EMBARGO_SETTINGS_FILE);
	if (!set->profile)
		return embargo_diagnostic_what(diagnostic, -EINVAL,
					       "rule '%s' has a schedule for each profile, and "
					       "this host has no profile",
					       rule->id);
	return embargo_diagnostic_what(diagnostic, -EINVAL,
				       "rule '%s' has no schedule for the profile '%s'", rule->id,
				       set->profile);
}

static size_t count_rules(const struct embargo_policy_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += set->policies[i]->rule_count;
	return count;
}

int embargo_bounds_make(const struct embargo_policy_set *set, struct embargo_bound **bounds,
			size_t *count, struct embargo_diagnostic *diagnostic)
{
	size_t rules = count_rules(set), made = 0;
	_cleanup_free_
	struct embargo_bound *array = NULL;
	int error;

	if (rules > EMBARGO_POLICY_RULES)
		return embargo_diagnostic_what(diagnostic, -E2BIG,
					       "%zu rules in all policies, where %d are the most",
					       rules, EMBARGO_POLICY_RULES);
	array = calloc(rules ? rules : 1, sizeof(*array));
	if (!array)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_policy *policy = set->policies[i];

		for (size_t j = 0; j < policy->rule_count; j++) {
			struct embargo_bound *bound = &array[made++];

			bound->policy = policy;
			bound->policy_number = (__u32)i;
			bound->rule = &policy->rules[j];
			bound->schedule = embargo_rule_schedule(bound->rule, set->profile);
			if (!bound->schedule)
				return refuse_profile(set, policy, bound->rule, diagnostic);
		}
	}
	error = embargo_bounds_tighten(set, array, made, diagnostic);
	if (error)
		return error;
	*bounds = TAKE_PTR(array);
	*count = made;
	return 0;
}

static void fill_reason(struct embargo_reason *reason, const struct embargo_bound *bound,
			const struct embargo_authority *authority)
{
	*reason = (struct embargo_reason) { 0 };
	snprintf(reason->policy, sizeof(reason->policy), "%s", bound->policy->id);
	snprintf(reason->rule, sizeof(reason->rule), "%s", bound->rule->id);
	snprintf(reason->vendor, sizeof(reason->vendor), "%s", bound->rule->vendor->id);
	if (!authority)
		return;
	snprintf(reason->authority, sizeof(reason->authority), "%s", authority->id);
	snprintf(reason->cite, sizeof(reason->cite), "%s", authority->cite);
}

/* Numbers the reason of each stage of @schedule: stages under one authority share it. */
static void bind_schedule(struct embargo_tables *tables, const struct embargo_bound *bound,
			  const struct embargo_schedule *schedule, __u32 *reasons)
{
	const struct embargo_stage *stages = schedule->stages;

	for (size_t i = 0; i < schedule->stage_count; i++) {
		size_t same = 0;

		while (same < i && stages[same].authority != stages[i].authority)
			same++;
		if (same < i) {
			reasons[i] = reasons[same];
			continue;
		}
		reasons[i] = (__u32)tables->reason_count;
		fill_reason(&tables->reasons[tables->reason_count++], bound, stages[i].authority);
	}
}

int embargo_bounds_reasons(struct embargo_bound *bounds, size_t count,
			   struct embargo_tables *tables)
{
	size_t most = 1;

	for (size_t i = 0; i < count; i++)
		most += bounds[i].schedule->stage_count + bounds[i].host.stage_count;
	tables->reasons = calloc(most, sizeof(*tables->reasons));
	if (!tables->reasons)
		return -ENOMEM;
	tables->reason_count = 1;
	for (size_t i = 0; i < count; i++) {
		struct embargo_bound *bound = &bounds[i];

		bind_schedule(tables, bound, bound->schedule, bound->reasons);
		bind_schedule(tables, bound, &bound->host, bound->host_reasons);
	}
	return 0;
}
