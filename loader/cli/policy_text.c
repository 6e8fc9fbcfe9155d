// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy says, for people. */
#include <stdio.h>

#include "loader/base/utf8.h"
#include "loader/cli/policy_report.h"
#include "loader/model/time.h"
#include "loader/policy/words.h"

static void print_moment(const char *label, const struct embargo_moment *moment)
{
	char text[EMBARGO_TIME_TEXT];

	if (moment->set)
		printf("  %-9s %s\n", label, embargo_time_format(moment->ns, text, sizeof(text)));
}

static int print_rule(const struct embargo_policy *policy, const struct embargo_rule *rule,
		      struct embargo_diagnostic *diagnostic)
{
	char value[EMBARGO_PATTERN_TEXT];
	int error = 0;

	printf("  rule %s, of %s, by", rule->id, rule->vendor->id);
	for (size_t i = 0; i < rule->choice_count; i++)
		printf("%s %s%s%s", i ? "," : "",
		       rule->choices[i].profile ? rule->choices[i].profile : "",
		       rule->choices[i].profile ? ": " : "", rule->choices[i].schedule_id);
	putchar('\n');
	for (size_t i = 0; i < rule->list_count && !error; i++) {
		const struct embargo_list *list = &rule->lists[i];
		struct embargo_list_count count = { 0 };

		error = embargo_list_count(policy, list, &count, diagnostic);
		if (!error)
			printf("    %-9s %s, %zu of %s\n", "digests", list->file, count.digests,
			       embargo_kind_name(list->of));
	}
	if (rule->all || rule->require_valid)
		printf("    %s%s\n", rule->all ? "all of these" : "any of these",
		       rule->require_valid ? ", by a valid signature" : "");
	for (size_t i = 0; i < rule->pattern_count; i++)
		printf("    %-9s %s\n", embargo_identity_kind_name(rule->patterns[i].identity.kind),
		       embargo_pattern_value(&rule->patterns[i], value));
	if (rule->opens)
		printf("    %-9s open\n", "reach");
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

static void print_waives(const struct embargo_waives *waives)
{
	if (!waives->any && !waives->count)
		return;
	printf("  %-9s%s", "waives", waives->any ? " the rules of any policy" : "");
	for (size_t i = 0; i < waives->count; i++)
		printf("%s %s", i ? "," : "", waives->policies[i]);
	putchar('\n');
}

static void print_waiver(const struct embargo_waiver *waiver)
{
	char value[EMBARGO_PATTERN_TEXT], text[EMBARGO_TIME_TEXT], printable[2048];

	printf("  waiver %s\n    %-9s %s\n", waiver->ticket,
	       embargo_identity_kind_name(waiver->identity.identity.kind),
	       embargo_pattern_value(&waiver->identity, value));
	if (waiver->from.set)
		printf("    %-9s %s\n", "from",
		       embargo_time_format(waiver->from.ns, text, sizeof(text)));
	printf("    %-9s %s\n", "until", embargo_time_format(waiver->until, text, sizeof(text)));
	printf("    %-9s %s\n", "reason",
	       embargo_utf8_printable(waiver->reason, printable, sizeof(printable)));
	printf("    %-9s %s\n", "by",
	       embargo_utf8_printable(waiver->by, printable, sizeof(printable)));
}

int embargo_policy_print(const struct embargo_policy *policy, struct embargo_diagnostic *diagnostic)
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
	print_waives(&policy->waives);
	for (size_t i = 0; i < policy->waiver_count && !error; i++)
		print_waiver(&policy->waivers[i]);
	return error;
}
