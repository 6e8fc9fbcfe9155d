// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host's settings ask for beyond the policies: more than they do, never less. */
#include <errno.h>
#include <string.h>

#include "loader/policy/bounds.h"

static bool concerns(const struct embargo_stricter *stricter, const struct embargo_bound *bound)
{
	return !strcmp(stricter->policy, bound->policy->id) &&
	       (!stricter->rule || !strcmp(stricter->rule, bound->rule->id));
}

/* From @at on the rule asks for @stage until the next: does @stricter ask for more of any file? */
static bool is_above(const struct embargo_stricter *stricter, const struct embargo_stage *stage)
{
	if (!stage || stage->action < stricter->action)
		return true;
	/* A stage that begins later counts fewer files as new. */
	return stage->action == stricter->action && stage->action == EMBARGO_ACTION_DENY_NEW &&
	       stage->at > stricter->at;
}

static bool raises(const struct embargo_stricter *stricter, const struct embargo_schedule *schedule)
{
	const struct embargo_stage *in_force = NULL;

	for (size_t i = 0; i < schedule->stage_count; i++) {
		const struct embargo_stage *stage = &schedule->stages[i];

		if (stage->at <= stricter->at)
			in_force = stage;
		else if (is_above(stricter, stage))
			return true;
	}
	return is_above(stricter, in_force);
}

static int refuse(const struct embargo_policy_set *set, const struct embargo_stricter *stricter,
		  struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_at(diagnostic, set->settings.file, stricter->line, stricter->column);
	return -EINVAL;
}

/* Nothing is concerned. Policies that somebody names are not all that the host has. */
static int judge_absent(const struct embargo_policy_set *set,
			const struct embargo_stricter *stricter,
			struct embargo_diagnostic *diagnostic)
{
	if (!embargo_policy_set_find(set, stricter->policy)) {
		if (!set->is_hosts)
			return 0;
		embargo_diagnostic_remedy(diagnostic, "correct the name, or take the entry out");
		embargo_diagnostic_what(diagnostic, -EINVAL,
					"stricter: names the policy '%s', which this host has not",
					stricter->policy);
		return refuse(set, stricter, diagnostic);
	}
	embargo_diagnostic_remedy(diagnostic, "correct the name, or take the entry out");
	if (stricter->rule)
		embargo_diagnostic_what(diagnostic, -EINVAL,
					"stricter: names the rule '%s', which policy '%s' has not",
					stricter->rule, stricter->policy);
	else
		embargo_diagnostic_what(diagnostic, -EINVAL,
					"stricter: names the policy '%s', which has no rules",
					stricter->policy);
	return refuse(set, stricter, diagnostic);
}

static int check(const struct embargo_policy_set *set, const struct embargo_stricter *stricter,
		 const struct embargo_bound *bounds, size_t count,
		 struct embargo_diagnostic *diagnostic)
{
	size_t concerned = 0, raised = 0;

	for (size_t i = 0; i < count; i++) {
		if (!concerns(stricter, &bounds[i]))
			continue;
		concerned++;
		raised += raises(stricter, bounds[i].schedule);
	}
	if (!concerned)
		return judge_absent(set, stricter, diagnostic);
	if (raised)
		return 0;
	embargo_diagnostic_remedy(diagnostic, "take it out: only a waiver weakens a rule");
	embargo_diagnostic_what(diagnostic, -EINVAL,
				"stricter: asks for no more than policy '%s' does at any time",
				stricter->policy);
	return refuse(set, stricter, diagnostic);
}

/* When an entry first asks for @action or more of the rule; false where none does. */
static bool find_beginning(const struct embargo_settings *settings,
			   const struct embargo_bound *bound, enum embargo_action action,
			   int64_t *at)
{
	bool found = false;

	for (size_t i = 0; i < settings->stricter_count; i++) {
		const struct embargo_stricter *stricter = &settings->stricter[i];

		if (stricter->action < action || !concerns(stricter, bound) ||
		    (found && stricter->at >= *at))
			continue;
		*at = stricter->at;
		found = true;
	}
	return found;
}

/* A later stage of the same moment or before takes the place of a milder one. */
static void tighten(const struct embargo_settings *settings, struct embargo_bound *bound)
{
	static const struct embargo_authority host = {
		.id = "host settings",
		.cite = EMBARGO_SETTINGS_FILE,
	};
	struct embargo_schedule *schedule = &bound->host;

	schedule->stages = bound->host_stages;
	for (enum embargo_action action = EMBARGO_ACTION_AUDIT; action <= EMBARGO_ACTION_DENY;
	     action++) {
		int64_t at = 0;

		if (!find_beginning(settings, bound, action, &at))
			break;
		if (schedule->stage_count && schedule->stages[schedule->stage_count - 1].at == at)
			schedule->stage_count--;
		schedule->stages[schedule->stage_count++] = (struct embargo_stage) {
			.at = at,
			.action = action,
			.authority_id = host.id,
			.authority = &host,
		};
	}
}

int embargo_bounds_tighten(const struct embargo_policy_set *set, struct embargo_bound *bounds,
			   size_t count, struct embargo_diagnostic *diagnostic)
{
	const struct embargo_settings *settings = &set->settings;
	int error = 0;

	for (size_t i = 0; i < settings->stricter_count && !error; i++)
		error = check(set, &settings->stricter[i], bounds, count, diagnostic);
	for (size_t i = 0; i < count && !error && settings->stricter_count; i++)
		tighten(settings, &bounds[i]);
	return error;
}
