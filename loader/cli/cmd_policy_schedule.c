// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy schedule`: the calendar of all policies, date by date. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/json/json.h"
#include "loader/model/time.h"
#include "loader/policy/policy.h"
#include "loader/render/calendar.h"

struct options {
	bool json, ics, all;
	int64_t at;
	const char *profile;
};

static const struct embargo_option table[] = {
	{ .name = "at",
	  .argument = "TIME",
	  .summary = "what is past and what is to come, seen from then",
	  .type = EMBARGO_OPTION_TIME,
	  .offset = offsetof(struct options, at) },
	{ .name = "profile",
	  .argument = "NAME",
	  .summary = "the schedules of this profile alone",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, profile) },
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "ics",
	  .summary = "print what is to come as a calendar (iCalendar) for other programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, ics) },
	{ .name = "all",
	  .summary = "in that calendar, also what is past",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, all) },
	EMBARGO_OPTIONS_END,
};

/* One date: a rule's, or the end of a waiver. */
struct row {
	int64_t at;
	const struct embargo_policy *policy;
	const struct embargo_rule *rule;
	const struct embargo_choice *choice;
	const struct embargo_stage *stage;
	const char *state;
	size_t number; /* keeps rows of one date in the order of their policies */
	const struct embargo_waiver *waiver; /* then there is no rule */
};

struct calendar {
	struct row *rows;
	size_t count;
};

static size_t count_dates(const struct embargo_policy_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += set->policies[i]->waiver_count;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++)
			for (size_t k = 0; k < set->policies[i]->rules[j].choice_count; k++)
				count +=
					set->policies[i]->rules[j].choices[k].schedule->stage_count;
	return count;
}

static const char *state_of(const struct embargo_schedule *schedule, size_t index, int64_t now)
{
	if (schedule->stages[index].at > now)
		return "to come";
	if (index + 1 < schedule->stage_count && schedule->stages[index + 1].at <= now)
		return "past";
	return "in force";
}

static void add_choice(struct calendar *calendar, const struct embargo_policy *policy,
		       const struct embargo_rule *rule, const struct embargo_choice *choice,
		       int64_t now)
{
	for (size_t i = 0; i < choice->schedule->stage_count; i++) {
		calendar->rows[calendar->count] = (struct row) {
			choice->schedule->stages[i].at,
			policy,
			rule,
			choice,
			&choice->schedule->stages[i],
			state_of(choice->schedule, i, now),
			calendar->count,
			NULL,
		};
		calendar->count++;
	}
}

/* Every profile's rows where the host has none. */
static void add_rule(struct calendar *calendar, const struct embargo_policy *policy,
		     const struct embargo_rule *rule, const char *profile, int64_t now)
{
	for (size_t i = 0; i < rule->choice_count; i++) {
		const struct embargo_choice *choice = &rule->choices[i];

		if (!profile || !choice->profile || !strcmp(choice->profile, profile))
			add_choice(calendar, policy, rule, choice, now);
	}
}

static void add_waiver(struct calendar *calendar, const struct embargo_policy *policy,
		       const struct embargo_waiver *waiver, int64_t now)
{
	calendar->rows[calendar->count] = (struct row) {
		.at = waiver->until,
		.policy = policy,
		.state = waiver->until > now ? "to come" : "past",
		.number = calendar->count,
		.waiver = waiver,
	};
	calendar->count++;
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

static int make_calendar(const struct embargo_policy_set *set, int64_t now,
			 struct calendar *calendar)
{
	calendar->count = 0;
	calendar->rows = calloc(count_dates(set) + 1, sizeof(*calendar->rows));
	if (!calendar->rows)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++)
			add_rule(calendar, set->policies[i], &set->policies[i]->rules[j],
				 set->profile, now);
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->waiver_count; j++)
			add_waiver(calendar, set->policies[i], &set->policies[i]->waivers[j], now);
	qsort(calendar->rows, calendar->count, sizeof(*calendar->rows), compare_rows);
	return 0;
}

static void print_row(const struct row *row)
{
	const struct embargo_authority *authority;
	char text[EMBARGO_TIME_TEXT];

	printf("%s  %-8s  ", embargo_time_format(row->at, text, sizeof(text)), row->state);
	if (row->waiver) {
		printf("%-8s  %s: waiver %s ends\n", "", row->policy->id, row->waiver->ticket);
		return;
	}
	authority = row->stage->authority;
	printf("%-8s  %s/%s", embargo_action_name(row->stage->action), row->policy->id,
	       row->rule->id);
	if (row->choice->profile)
		printf(" (%s)", row->choice->profile);
	if (authority)
		printf("  %s: %s", authority->id, authority->cite);
	putchar('\n');
}

static int add_waiver_object(json_t *array, const struct row *row)
{
	json_t *object = json_object();
	int failed = embargo_json_set_time(object, "at", row->at);

	failed |= embargo_json_set_text(object, "state", row->state);
	failed |= embargo_json_set_text(object, "policy", row->policy->id);
	failed |= embargo_json_set_text(object, "waiver", row->waiver->ticket);
	failed |= json_array_append_new(array, object);
	return failed ? -ENOMEM : 0;
}

static int add_object(json_t *array, const struct row *row)
{
	const struct embargo_authority *authority = row->stage->authority;
	json_t *object = json_object();
	int failed = embargo_json_set_time(object, "at", row->at);

	failed |= embargo_json_set_text(object, "state", row->state);
	failed |= embargo_json_set_text(object, "action", embargo_action_name(row->stage->action));
	failed |= embargo_json_set_text(object, "policy", row->policy->id);
	failed |= embargo_json_set_text(object, "rule", row->rule->id);
	failed |= embargo_json_set_text(object, "vendor", row->rule->vendor_id);
	failed |= embargo_json_set_text(object, "profile", row->choice->profile);
	failed |= embargo_json_set_text(object, "authority", authority ? authority->id : NULL);
	failed |= embargo_json_set_text(object, "cite", authority ? authority->cite : NULL);
	failed |= json_array_append_new(array, object);
	return failed ? -ENOMEM : 0;
}

static int print_calendar(const struct calendar *calendar, bool json)
{
	_cleanup_json_ json_t *array = json ? json_array() : NULL;
	int error = 0;

	for (size_t i = 0; i < calendar->count && !error; i++) {
		if (json)
			error = calendar->rows[i].waiver
					? add_waiver_object(array, &calendar->rows[i])
					: add_object(array, &calendar->rows[i]);
		else
			print_row(&calendar->rows[i]);
	}
	return !error && json ? embargo_json_print(array, stdout) : error;
}

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

static void free_calendar(struct calendar *calendar)
{
	free(calendar->rows);
}

static int print(const struct embargo_policy_set *set, const struct options *options)
{
	_cleanup_(free_calendar) struct calendar calendar = { 0 };
	int64_t now = options->at == INT64_MIN ? wall_clock() : options->at;
	int error;

	if (options->ics) {
		error = embargo_calendar_write(stdout, set, now, options->all);
		return error ? error : fflush(stdout) ? -EIO : 0;
	}
	error = make_calendar(set, now, &calendar);
	return error ? error : print_calendar(&calendar, options->json);
}

static int run(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_policy_set *set = NULL;
	struct options options = { .at = INT64_MIN };
	int status = embargo_options_parse(&embargo_verb_policy_schedule, &argc, &argv, &options);
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
	if (!error) {
		error = print(set, &options);
		if (error)
			embargo_diagnostic_what(&diagnostic, error, "%s", strerror(-error));
	}
	if (error)
		embargo_log_diagnostic("policy schedule", &diagnostic);
	embargo_policy_set_free(set);
	return error ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_schedule = {
	.name = "policy schedule",
	.operands = "[FILE...]",
	.summary = "print what changes when",
	.details = "Without FILE the host's policies, or else the shipped ones.",
	.options = table,
	.run = run,
};
