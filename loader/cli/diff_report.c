// SPDX-License-Identifier: GPL-2.0-or-later
/* The difference of two sets of policies, for people and as JSON. */
#include "loader/cli/diff_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/model/time.h"

static const char *const headings[] = {
	[EMBARGO_CHANGE_UNKNOWN] = NULL,
	[EMBARGO_CHANGE_DENIED] = "Newly denied",
	[EMBARGO_CHANGE_MOVED] = "At other dates",
	[EMBARGO_CHANGE_AUDITED] = "Newly audited",
	[EMBARGO_CHANGE_FREED] = "No longer denied, or no longer audited",
	[EMBARGO_CHANGE_AUTHORITY] = "At the same dates, under another authority",
	[EMBARGO_CHANGE_RUNNING] = "For what runs already when it begins",
	[EMBARGO_CHANGE_REACH] = "For who opens it to read",
};
_Static_assert(ARRAY_SIZE(headings) == EMBARGO_CHANGE_COUNT, "a heading for each kind");

static void print_head(const struct embargo_head_change *change)
{
	printf("%s", change->policy);
	if (change->subject)
		printf(", %s", change->subject);
	if (change->field && change->old && change->fresh)
		printf(": %s %s -> %s", change->field, change->old, change->fresh);
	else if (change->field)
		printf(": %s %s %s", change->field, change->old ? change->old : change->fresh,
		       change->old ? "is gone" : "is new");
	else
		printf(" %s", change->old ? "is gone" : "is new");
	if (change->remark)
		printf(" (%s)", change->remark);
	putchar('\n');
}

int embargo_diff_report_head(void *context, const struct embargo_head_change *change)
{
	struct embargo_diff_report *report = context;
	json_t *object;
	int failed;

	report->count++;
	if (!report->policies) {
		print_head(change);
		return 0;
	}
	object = json_object();
	failed = embargo_json_set_text(object, "policy", change->policy);
	failed |= embargo_json_set_text(object, "subject", change->subject);
	failed |= embargo_json_set_text(object, "field", change->field);
	failed |= embargo_json_set_text(object, "old", change->old);
	failed |= embargo_json_set_text(object, "new", change->fresh);
	failed |= embargo_json_set_text(object, "remark", change->remark);
	failed |= json_array_append_new(report->policies, object);
	return failed ? -ENOMEM : 0;
}

/* "audit from T, deny from T (law)", or "nothing". */
static void print_timeline(FILE *out, const struct embargo_stand *stand)
{
	const struct embargo_timeline *timeline = stand->timeline;
	char text[EMBARGO_TIME_TEXT];

	if (!timeline->count)
		fputs("nothing", out);
	for (__u32 i = 0; i < timeline->count; i++) {
		const struct embargo_step *step = &timeline->steps[i];
		const char *authority = stand->reasons[step->reason].authority;

		fprintf(out, "%s%s from %s", i ? ", " : "",
			step->action ? embargo_action_name(step->action) : "off",
			embargo_time_format(step->at, text, sizeof(text)));
		if (authority[0])
			fprintf(out, " (%s)", authority);
	}
}

static void print_ending(FILE *out, const struct embargo_stand *stand)
{
	if (stand->terminates)
		fprintf(out, "is ended, after %llu s",
			(unsigned long long)embargo_rule_grace(stand->terminates));
	else
		fputs("is reported", out);
}

static void print_stand(FILE *out, const char *label, const struct embargo_change *change,
			const struct embargo_stand *stand)
{
	fprintf(out, "    %s: ", label);
	if (change->kind == EMBARGO_CHANGE_RUNNING)
		print_ending(out, stand);
	else if (change->kind == EMBARGO_CHANGE_REACH)
		fputs(stand->opens ? "refused" : "not asked", out);
	else
		print_timeline(out, stand);
	fputc('\n', out);
}

/* Is it refused, of what was not, as soon as it is loaded? */
static bool is_at_once(const struct embargo_timeline *timeline, int64_t now)
{
	enum embargo_action action = EMBARGO_ACTION_UNKNOWN;

	for (__u32 i = 0; i < timeline->count && timeline->steps[i].at <= now; i++)
		action = timeline->steps[i].action;
	return action >= EMBARGO_ACTION_DENY_NEW;
}

static void print_list(FILE *out, const struct embargo_list *list)
{
	char file[EMBARGO_POLICY_PATH + 1];

	fprintf(out, " of the list %s", embargo_utf8_printable(list->file, file, sizeof(file)));
}

/* What both sides have on the thing; NULL: no memory. */
static char *make_stands(const struct embargo_change *change)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	print_stand(stream, "was", change, &change->old);
	print_stand(stream, "is ", change, &change->fresh);
	if (!fclose(stream))
		return text;
	free(text);
	return NULL;
}

/* Things that fare alike stand together, and how they fare below them. */
static int enter_stands(struct embargo_diff_section *section, const struct embargo_change *change)
{
	_cleanup_free_
	char *stands = make_stands(change);

	if (!stands)
		return -ENOMEM;
	if (section->stands && !strcmp(section->stands, stands))
		return 0;
	if (section->stands)
		fputs(section->stands, section->stream);
	free(section->stands);
	section->stands = TAKE_PTR(stands);
	return 0;
}

static int print_change(struct embargo_diff_report *report, const struct embargo_change *change)
{
	const struct embargo_stand *named = change->fresh.rule ? &change->fresh : &change->old;
	struct embargo_diff_section *section = &report->sections[change->kind];

	if (!section->stream)
		section->stream = open_memstream(&section->text, &section->size);
	if (!section->stream || enter_stands(section, change))
		return -ENOMEM;
	if (change->value)
		fprintf(section->stream, "  %s %s", change->thing, change->value);
	else
		fprintf(section->stream, "  %zu digest%s", change->count,
			change->count == 1 ? "" : "s");
	if (named->list)
		print_list(section->stream, named->list);
	fprintf(section->stream, "  %s/%s", named->policy->id, named->rule->id);
	if (change->kind == EMBARGO_CHANGE_DENIED &&
	    is_at_once(change->fresh.timeline, report->now))
		fputs("  as soon as it is loaded", section->stream);
	fputc('\n', section->stream);
	return 0;
}

static json_t *timeline_json(const struct embargo_stand *stand, int *failed)
{
	json_t *array = json_array();

	for (__u32 i = 0; i < stand->timeline->count; i++) {
		const struct embargo_step *step = &stand->timeline->steps[i];
		const struct embargo_reason *reason = &stand->reasons[step->reason];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", step->at);
		*failed |=
			embargo_json_set_text(object, "action", embargo_action_name(step->action));
		*failed |= embargo_json_set_text(object, "policy", reason->policy);
		*failed |= embargo_json_set_text(object, "rule", reason->rule);
		*failed |= embargo_json_set_text(object, "authority",
						 reason->authority[0] ? reason->authority : NULL);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *stand_json(const struct embargo_stand *stand, int *failed)
{
	json_t *object = json_object();

	*failed |=
		embargo_json_set_text(object, "policy", stand->policy ? stand->policy->id : NULL);
	*failed |= embargo_json_set_text(object, "rule", stand->rule ? stand->rule->id : NULL);
	*failed |= embargo_json_set_path(object, "list", stand->list ? stand->list->file : NULL);
	*failed |= embargo_json_set(object, "stages", timeline_json(stand, failed));
	*failed |= embargo_json_set_text(object, "reach", stand->opens ? "open" : "run");
	*failed |= embargo_json_set_text(object, "running",
					 stand->terminates ? "terminate" : "report");
	if (stand->terminates)
		*failed |= embargo_json_set_number(object, "grace",
						   embargo_rule_grace(stand->terminates));
	return object;
}

static int add_change(struct embargo_diff_report *report, const struct embargo_change *change)
{
	json_t *object = json_object();
	int failed = embargo_json_set_text(object, "change", embargo_change_name(change->kind));

	failed |= embargo_json_set_text(object, "profile", report->profile);
	failed |= embargo_json_set_text(object, "kind", change->thing);
	failed |= embargo_json_set_path(object, "value", change->value);
	failed |= embargo_json_set_number(object, "count", change->count);
	failed |= embargo_json_set(object, "old", stand_json(&change->old, &failed));
	failed |= embargo_json_set(object, "new", stand_json(&change->fresh, &failed));
	failed |= json_array_append_new(report->changes, object);
	return failed ? -ENOMEM : 0;
}

int embargo_diff_report_change(void *context, const struct embargo_change *change)
{
	struct embargo_diff_report *report = context;

	report->count++;
	return report->changes ? add_change(report, change) : print_change(report, change);
}

static void clear_section(struct embargo_diff_section *section)
{
	if (section->stream)
		fclose(section->stream);
	free(section->text);
	free(section->stands);
	*section = (struct embargo_diff_section) { 0 };
}

int embargo_diff_report_profile(struct embargo_diff_report *report)
{
	bool is_named = !report->profile;
	int error = 0;

	for (int i = 0; i < EMBARGO_CHANGE_COUNT; i++) {
		struct embargo_diff_section *section = &report->sections[i];

		if (!section->stream)
			continue;
		fputs(section->stands, section->stream);
		if (fclose(TAKE_PTR(section->stream)))
			error = -ENOMEM;
		if (!is_named)
			printf("\nWith the profile %s\n", report->profile);
		is_named = true;
		if (!error)
			printf("\n%s\n%s", headings[i], section->text);
		clear_section(section);
	}
	return error;
}

int embargo_diff_report_end(struct embargo_diff_report *report)
{
	_cleanup_json_ json_t *object = report->changes ? json_object() : NULL;
	int failed;

	if (!report->changes) {
		if (!report->count)
			puts("no difference");
		return 0;
	}
	failed = embargo_json_set(object, "policies", TAKE_PTR(report->policies));
	failed |= embargo_json_set(object, "changes", TAKE_PTR(report->changes));
	return failed ? -ENOMEM : embargo_json_print(object, stdout);
}

void embargo_diff_report_free(struct embargo_diff_report *report)
{
	for (int i = 0; i < EMBARGO_CHANGE_COUNT; i++)
		clear_section(&report->sections[i]);
	json_decref(report->policies);
	json_decref(report->changes);
	*report = (struct embargo_diff_report) { 0 };
}
