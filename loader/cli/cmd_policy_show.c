// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy show`: what policies say, as text and as JSON. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/base/utf8.h"
#include "loader/cli/cmd_policy.h"
#include "loader/json/json.h"
#include "loader/model/time.h"
#include "loader/policy/list.h"
#include "loader/policy/policy.h"

struct options {
	bool json;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static int count_entry(void *context, const struct embargo_list_entry *entry)
{
	(void)entry;
	++*(size_t *)context;
	return 0;
}

#define VALUE_SIZE 2048

static const char *identity_value(const struct embargo_pattern *pattern,
				  char text[static VALUE_SIZE])
{
	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_SHA256:
		return embargo_hex_format(pattern->digest.bytes, EMBARGO_SHA256_SIZE, text);
	case EMBARGO_IDENTITY_PATH:
		return pattern->path;
	case EMBARGO_IDENTITY_MEMORY:
		return "kexec";
	default:
		return embargo_identity_format(&pattern->identity, text, VALUE_SIZE);
	}
}

static void print_moment(const char *label, const struct embargo_moment *moment)
{
	char text[EMBARGO_TIME_TEXT];

	if (moment->set)
		printf("  %-9s %s\n", label, embargo_time_format(moment->ns, text, sizeof(text)));
}

static int print_rule(const struct embargo_policy *policy, const struct embargo_rule *rule,
		      struct embargo_diagnostic *diagnostic)
{
	char value[VALUE_SIZE];
	int error = 0;

	printf("  rule %s, of %s, by", rule->id, rule->vendor->id);
	for (size_t i = 0; i < rule->choice_count; i++)
		printf("%s %s%s%s", i ? "," : "",
		       rule->choices[i].profile ? rule->choices[i].profile : "",
		       rule->choices[i].profile ? ": " : "", rule->choices[i].schedule_id);
	putchar('\n');
	for (size_t i = 0; i < rule->list_count && !error; i++) {
		const struct embargo_list *list = &rule->lists[i];
		size_t count = 0;

		error = embargo_list_read(policy, list, count_entry, &count, diagnostic);
		if (!error)
			printf("    %-9s %s, %zu of %s\n", "digests", list->file, count,
			       embargo_kind_name(list->of));
	}
	if (rule->all || rule->require_valid)
		printf("    %s%s\n", rule->all ? "all of these" : "any of these",
		       rule->require_valid ? ", by a valid signature" : "");
	for (size_t i = 0; i < rule->pattern_count; i++)
		printf("    %-9s %s\n", embargo_identity_kind_name(rule->patterns[i].identity.kind),
		       identity_value(&rule->patterns[i], value));
	if (rule->terminates)
		printf("    %-9s terminate, grace %llu s\n", "running",
		       (unsigned long long)embargo_rule_grace(rule));
	return error;
}

static void print_schedule(const struct embargo_schedule *schedule)
{
	char text[EMBARGO_TIME_TEXT];

	printf("  schedule %s\n", schedule->id);
	for (size_t i = 0; i < schedule->stage_count; i++) {
		const struct embargo_stage *stage = &schedule->stages[i];

		printf("    %s  %-8s %s\n", embargo_time_format(stage->at, text, sizeof(text)),
		       embargo_action_name(stage->action),
		       stage->authority ? stage->authority->id : "");
	}
}

static int print_policy(const struct embargo_policy *policy, struct embargo_diagnostic *diagnostic)
{
	char file[4096];
	int error = 0;

	printf("%s, version %llu (%s)\n", policy->id, (unsigned long long)policy->version,
	       embargo_utf8_printable(policy->file, file, sizeof(file)));
	print_moment("issued", &policy->issued);
	print_moment("expires", &policy->expires);
	printf("  %-9s %s\n", "on-error", policy->deny_on_error ? "deny" : "audit");
	for (size_t i = 0; i < policy->authority_count; i++)
		printf("  authority %s: %s%s%s\n", policy->authorities[i].id,
		       policy->authorities[i].cite, policy->authorities[i].binds ? "; binds " : "",
		       policy->authorities[i].binds ? policy->authorities[i].binds : "");
	for (size_t i = 0; i < policy->vendor_count; i++) {
		const struct embargo_vendor *vendor = &policy->vendors[i];

		printf("  vendor %s", vendor->id);
		for (size_t j = 0; j < vendor->name_count; j++)
			printf("%s %s", j ? "," : ":", vendor->names[j]);
		putchar('\n');
	}
	for (size_t i = 0; i < policy->schedule_count; i++)
		print_schedule(&policy->schedules[i]);
	for (size_t i = 0; i < policy->rule_count && !error; i++)
		error = print_rule(policy, &policy->rules[i], diagnostic);
	return error;
}

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
		size_t count = 0;

		*failed = embargo_list_read(policy, list, count_entry, &count, diagnostic);
		*failed |= embargo_json_set_path(object, "file", list->file);
		*failed |= embargo_json_set_text(object, "of", embargo_kind_name(list->of));
		*failed |= embargo_json_set_number(object, "count", count);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *identities_json(const struct embargo_rule *rule, int *failed)
{
	char text[VALUE_SIZE];
	json_t *array = json_array();

	for (size_t i = 0; i < rule->pattern_count; i++) {
		const struct embargo_pattern *pattern = &rule->patterns[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_text(
			object, "kind", embargo_identity_kind_name(pattern->identity.kind));
		*failed |= embargo_json_set_text(object, "value", identity_value(pattern, text));
		if (pattern->sized)
			*failed |= embargo_json_set_number(object, "size", pattern->size);
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
		*failed |= embargo_json_set_text(object, "running",
						 rule->terminates ? "terminate" : "report");
		if (rule->terminates)
			*failed |=
				embargo_json_set_number(object, "grace", embargo_rule_grace(rule));
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static int add_policy(json_t *array, const struct embargo_policy *policy,
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
	failed |= json_array_append_new(array, object);
	if (failed && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	return failed;
}

static int show(const struct embargo_policy_set *set, bool json,
		struct embargo_diagnostic *diagnostic)
{
	_cleanup_json_ json_t *array = json ? json_array() : NULL;
	int error = 0;

	for (size_t i = 0; i < set->count && !error; i++)
		error = json ? add_policy(array, set->policies[i], diagnostic)
			     : print_policy(set->policies[i], diagnostic);
	return !error && json ? embargo_json_print(array, stdout) : error;
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
						   .shipped_fallback = true },
		&set, &diagnostic);
	if (!error)
		error = show(set, options.json, &diagnostic);
	embargo_policy_set_free(set);
	if (error)
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
