// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: what happens when, a table for each profile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/render/html.h"
#include "loader/render/page.h"

static const char *const actions[] = {
	[EMBARGO_ACTION_UNKNOWN] = "",
	[EMBARGO_ACTION_OFF] = "nothing is asked for",
	[EMBARGO_ACTION_AUDIT] = "is reported, and runs",
	[EMBARGO_ACTION_DENY_NEW] =
		"what arrives from then on is refused; what was there is reported",
	[EMBARGO_ACTION_DENY] = "is refused",
};
_Static_assert(ARRAY_SIZE(actions) == EMBARGO_ACTION_COUNT, "words for each action");

/* A stage that rules with one profile come to. */
struct row {
	const struct embargo_schedule *schedule;
	size_t stage;
};

static const char *state_of(const struct row *row, int64_t now)
{
	const struct embargo_schedule *schedule = row->schedule;

	if (schedule->stages[row->stage].at > now)
		return "to come";
	if (row->stage + 1 < schedule->stage_count && schedule->stages[row->stage + 1].at <= now)
		return "past";
	return "in force";
}

static int compare_rows(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int64_t one = a->schedule->stages[a->stage].at, two = b->schedule->stages[b->stage].at;

	if (one != two)
		return one < two ? -1 : 1;
	return (a->schedule > b->schedule) - (a->schedule < b->schedule);
}

static bool is_followed(const struct embargo_policy *policy, const char *profile,
			const struct embargo_schedule *schedule)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (embargo_rule_schedule(&policy->rules[i], profile) == schedule)
			return true;
	return false;
}

static void write_rules(FILE *out, const struct embargo_policy *policy, const char *profile,
			const struct embargo_schedule *schedule)
{
	bool is_first = true;

	for (size_t i = 0; i < policy->rule_count; i++) {
		if (embargo_rule_schedule(&policy->rules[i], profile) != schedule)
			continue;
		fputs(is_first ? "" : ", ", out);
		embargo_html_text(out, policy->rules[i].id);
		is_first = false;
	}
}

static int write_row(FILE *out, const struct embargo_policy *policy, const char *profile,
		     const struct row *row, int64_t now)
{
	const struct embargo_stage *stage = &row->schedule->stages[row->stage];
	int error;

	fputs("<tr><th scope=\"row\">", out);
	embargo_page_time(out, stage->at);
	fputs("</th><td><time>", out);
	embargo_html_text(out, stage->written);
	fprintf(out, "</time></td><td>%s</td><td><strong>%s</strong>: %s</td><td>",
		state_of(row, now), embargo_action_name(stage->action), actions[stage->action]);
	write_rules(out, policy, profile, row->schedule);
	fputs("</td><td>", out);
	if (stage->authority) {
		embargo_html_text(out, stage->authority->id);
		fputs(": ", out);
		embargo_html_text(out, stage->authority->cite);
	} else {
		fputs("none: the choice of who wrote the policy", out);
	}
	error = embargo_page_comment(out, policy, stage->mark);
	fputs("</td></tr>\n", out);
	return error;
}

/* @profile NULL: of all hosts. */
static int write_profile(FILE *out, const struct embargo_policy *policy, const char *profile,
			 int64_t now)
{
	size_t count = 0, most = 0;
	_cleanup_free_
	struct row *rows = NULL;
	int error = 0;

	for (size_t i = 0; i < policy->schedule_count; i++)
		most += policy->schedules[i].stage_count;
	rows = calloc(most + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < policy->schedule_count; i++)
		if (is_followed(policy, profile, &policy->schedules[i]))
			for (size_t j = 0; j < policy->schedules[i].stage_count; j++)
				rows[count++] = (struct row) { &policy->schedules[i], j };
	qsort(rows, count, sizeof(*rows), compare_rows);
	fputs("<div class=\"wide\"><table>\n<caption>", out);
	if (profile) {
		fputs("On hosts with the profile ", out);
		embargo_html_text(out, profile);
	} else {
		fputs("On every host", out);
	}
	fputs("</caption>\n<thead><tr><th scope=\"col\">Date (UTC)</th><th scope=\"col\">As "
	      "written</th><th scope=\"col\">State</th><th scope=\"col\">What is named</th><th "
	      "scope=\"col\">By the rules</th><th scope=\"col\">Authority</th></tr></thead>\n"
	      "<tbody>\n",
	      out);
	for (size_t i = 0; i < count && !error; i++)
		error = write_row(out, policy, profile, &rows[i], now);
	fputs("</tbody></table></div>\n", out);
	return error;
}

int embargo_page_dates(FILE *out, const struct embargo_policy *policy, int64_t now,
		       struct embargo_diagnostic *diagnostic)
{
	const struct embargo_rule *chooses = NULL;
	int error = 0;

	if (!policy->rule_count)
		return 0;
	/* All rules that choose know the same profiles. */
	for (size_t i = 0; i < policy->rule_count && !chooses; i++)
		if (policy->rules[i].choices[0].profile)
			chooses = &policy->rules[i];
	fputs("<h3>Dates</h3>\n", out);
	if (!chooses)
		error = write_profile(out, policy, NULL, now);
	for (size_t i = 0; chooses && i < chooses->choice_count && !error; i++)
		error = write_profile(out, policy, chooses->choices[i].profile, now);
	if (error)
		embargo_diagnostic_what(diagnostic, error, "out of memory");
	return error;
}
