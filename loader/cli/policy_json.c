// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy says, as JSON. */
#include <errno.h>
#include <stdbool.h>

#include "loader/cli/policy_report.h"
#include "loader/policy/words.h"

static int set_moment(json_t *object, const char *key, const struct embargo_moment *moment)
{
	if (!moment->set)
		return embargo_json_set_text(object, key, NULL);
	return embargo_json_set_time(object, key, moment->ns);
}

static json_t *authorities_json(const struct embargo_policy *policy, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < policy->authority_count; i++) {
		json_t *object = json_object();

		*failed |= embargo_json_set_text(object, "id", policy->authorities[i].id);
		*failed |= embargo_json_set_text(object, "cite", policy->authorities[i].cite);
		*failed |= embargo_json_set_text(object, "binds", policy->authorities[i].binds);
		*failed |= set_moment(object, "from", &policy->authorities[i].from);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *vendors_json(const struct embargo_policy *policy, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < policy->vendor_count; i++) {
		json_t *object = json_object(), *names = json_array();

		*failed |= embargo_json_set_text(object, "id", policy->vendors[i].id);
		for (size_t j = 0; j < policy->vendors[i].name_count; j++)
			*failed |= json_array_append_new(names,
							 json_string(policy->vendors[i].names[j]));
		*failed |= embargo_json_set(object, "names", names);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *stages_json(const struct embargo_schedule *schedule, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < schedule->stage_count; i++) {
		const struct embargo_stage *stage = &schedule->stages[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", stage->at);
		*failed |=
			embargo_json_set_text(object, "action", embargo_action_name(stage->action));
		*failed |= embargo_json_set_text(object, "authority", stage->authority_id);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *schedules_json(const struct embargo_policy *policy, int *failed)
{
	json_t *object = json_object();

	for (size_t i = 0; i < policy->schedule_count; i++)
		*failed |= embargo_json_set(object, policy->schedules[i].id,
					    stages_json(&policy->schedules[i], failed));
	return object;
}

static json_t *choices_json(const struct embargo_rule *rule, int *failed)
{
	json_t *object;

	if (!rule->choices[0].profile)
		return json_string(rule->choices[0].schedule_id);
	object = json_object();
	for (size_t i = 0; i < rule->choice_count; i++)
		*failed |= embargo_json_set_text(object, rule->choices[i].profile,
						 rule->choices[i].schedule_id);
	return object;
}

static json_t *lists_json(const struct embargo_policy *policy, const struct embargo_rule *rule,
			  int *failed, struct embargo_diagnostic *diagnostic)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rule->list_count && !*failed; i++) {
		const struct embargo_list *list = &rule->lists[i];
		json_t *object = json_object();
		struct embargo_list_count count = { 0 };

		*failed = embargo_list_count(policy, list, &count, diagnostic);
		*failed |= embargo_json_set_path(object, "file", list->file);
		*failed |= embargo_json_set_text(object, "of", embargo_kind_name(list->of));
		*failed |= embargo_json_set_number(object, "count", count.digests);
		*failed |= embargo_json_set_number(object, "sized", count.sized);
		if (list->checked)
			*failed |= embargo_json_set_hex(object, "sha256", list->sha256.bytes,
							sizeof(list->sha256.bytes));
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *pattern_json(const struct embargo_pattern *pattern, int *failed)
{
	char text[EMBARGO_PATTERN_TEXT];
	json_t *object = json_object();

	*failed |= embargo_json_set_text(object, "kind",
					 embargo_identity_kind_name(pattern->identity.kind));
	*failed |= embargo_json_set_text(object, "value", embargo_pattern_value(pattern, text));
	if (pattern->sized)
		*failed |= embargo_json_set_number(object, "size", pattern->size);
	return object;
}

static json_t *identities_json(const struct embargo_rule *rule, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rule->pattern_count; i++)
		*failed |= json_array_append_new(array, pattern_json(&rule->patterns[i], failed));
	return array;
}

/* "any", the ids of policies, or null: its own rules. */
static json_t *waives_json(const struct embargo_waives *waives, int *failed)
{
	json_t *array;

	if (waives->any)
		return json_string("any");
	if (!waives->count)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < waives->count; i++)
		*failed |= json_array_append_new(array, json_string(waives->policies[i]));
	return array;
}

static json_t *waivers_json(const struct embargo_policy *policy, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct embargo_waiver *waiver = &policy->waivers[i];
		json_t *object = json_object();

		*failed |= embargo_json_set(object, "identity",
					    pattern_json(&waiver->identity, failed));
		*failed |= set_moment(object, "from", &waiver->from);
		*failed |= embargo_json_set_time(object, "until", waiver->until);
		*failed |= embargo_json_set_text(object, "ticket", waiver->ticket);
		*failed |= embargo_json_set_text(object, "reason", waiver->reason);
		*failed |= embargo_json_set_text(object, "by", waiver->by);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *rules_json(const struct embargo_policy *policy, int *failed,
			  struct embargo_diagnostic *diagnostic)
{
	json_t *array = json_array();

	for (size_t i = 0; i < policy->rule_count && !*failed; i++) {
		const struct embargo_rule *rule = &policy->rules[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_text(object, "id", rule->id);
		*failed |= embargo_json_set_text(object, "vendor", rule->vendor_id);
		*failed |= embargo_json_set(object, "schedule", choices_json(rule, failed));
		*failed |= embargo_json_set(object, "digests",
					    lists_json(policy, rule, failed, diagnostic));
		*failed |= embargo_json_set(object, "identities", identities_json(rule, failed));
		*failed |= embargo_json_set(object, "all", json_boolean(rule->all));
		*failed |= embargo_json_set_text(object, "require",
						 rule->require_valid ? "valid" : NULL);
		*failed |= embargo_json_set_text(object, "reach", rule->opens ? "open" : "run");
		*failed |= embargo_json_set_text(object, "running",
						 rule->terminates ? "terminate" : "report");
		if (rule->terminates)
			*failed |=
				embargo_json_set_number(object, "grace", embargo_rule_grace(rule));
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

int embargo_policy_json(json_t *array, const struct embargo_policy *policy,
			struct embargo_diagnostic *diagnostic)
{
	json_t *object = json_object();
	int failed = embargo_json_set_text(object, "policy", policy->id);

	failed |= embargo_json_set_path(object, "file", policy->file);
	failed |= embargo_json_set_number(object, "version", policy->version);
	failed |= set_moment(object, "issued", &policy->issued);
	failed |= set_moment(object, "expires", &policy->expires);
	failed |=
		embargo_json_set_text(object, "on_error", policy->deny_on_error ? "deny" : "audit");
	failed |= embargo_json_set(object, "authorities", authorities_json(policy, &failed));
	failed |= embargo_json_set(object, "vendors", vendors_json(policy, &failed));
	failed |= embargo_json_set(object, "schedules", schedules_json(policy, &failed));
	failed |= embargo_json_set(object, "rules", rules_json(policy, &failed, diagnostic));
	failed |= embargo_json_set(object, "waives", waives_json(&policy->waives, &failed));
	failed |= embargo_json_set(object, "waivers", waivers_json(policy, &failed));
	failed |= json_array_append_new(array, object);
	if (failed && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	return failed;
}
