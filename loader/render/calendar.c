// SPDX-License-Identifier: GPL-2.0-or-later
/* iCalendar: an event for each stage of a schedule, folded and escaped as RFC 5545 has it. */
#include "loader/render/calendar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/model/time.h"

/* "20240929T040000Z" and its NUL. */
#define STAMP_SIZE 17

static const char *const actions[] = {
	[EMBARGO_ACTION_UNKNOWN] = "",
	[EMBARGO_ACTION_OFF] = "is let run without a report",
	[EMBARGO_ACTION_AUDIT] = "is reported",
	[EMBARGO_ACTION_DENY_NEW] = "is refused where it is new, and reported where it was there",
	[EMBARGO_ACTION_DENY] = "is refused",
};
_Static_assert(ARRAY_SIZE(actions) == EMBARGO_ACTION_COUNT, "words for each action");

/* One line as it is made: its name and value, unfolded. */
struct line {
	FILE *stream;
	char *text;
	size_t size;
};

static int begin(struct line *line)
{
	*line = (struct line) { 0 };
	line->stream = open_memstream(&line->text, &line->size);
	return line->stream ? 0 : -ENOMEM;
}

/* Breaks lines between characters: what follows a break begins with a space. */
static void fold(FILE *out, const char *text, size_t left)
{
	size_t room = EMBARGO_CALENDAR_LINE;

	while (left) {
		size_t length = embargo_utf8_length(text, left);

		length = length ? length : 1;
		if (length > room) {
			fputs("\r\n ", out);
			room = EMBARGO_CALENDAR_LINE - 1;
		}
		fwrite(text, 1, length, out);
		text += length;
		left -= length;
		room -= length;
	}
	fputs("\r\n", out);
}

static int end(FILE *out, struct line *line)
{
	int error = fclose(line->stream) ? -ENOMEM : 0;

	if (!error)
		fold(out, line->text, line->size);
	free(line->text);
	return error;
}

/* A TEXT value: RFC 5545, 3.3.11. Policies hold no controls. */
static void escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\;,", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static const char *format_stamp(int64_t ns, char text[static STAMP_SIZE])
{
	char moment[EMBARGO_TIME_TEXT];
	size_t used = 0;

	embargo_time_format(ns, moment, sizeof(moment));
	for (const char *at = moment; *at && used + 1 < STAMP_SIZE; at++)
		if (*at != '-' && *at != ':')
			text[used++] = *at;
	text[used] = '\0';
	return text;
}

/* What is the same in each event; @part tells it from others of its policy. */
static void write_head(FILE *out, const struct embargo_policy *policy, const char *part,
		       size_t number, int64_t at)
{
	char stamp[STAMP_SIZE], uid[256];

	fputs("BEGIN:VEVENT\r\n", out);
	snprintf(uid, sizeof(uid), "UID:%s.%s.%zu@embargo", policy->id, part, number);
	fold(out, uid, strlen(uid));
	fprintf(out, "DTSTAMP:%s\r\n",
		format_stamp(policy->issued.set ? policy->issued.ns : 0, stamp));
	fprintf(out, "SEQUENCE:%llu\r\n",
		(unsigned long long)(policy->version & INT32_MAX)); /* an INTEGER: 3.3.8 */
	fprintf(out, "DTSTART:%s\r\n", format_stamp(at, stamp));
	fputs("TRANSP:TRANSPARENT\r\nCATEGORIES:embargo\r\n", out);
}

static void write_tail(FILE *out)
{
	fputs("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P7D\r\nDESCRIPTION:In a "
	      "week\r\nEND:VALARM\r\n"
	      "END:VEVENT\r\n",
	      out);
}

/* A schedule as rules follow it. */
struct followed {
	const struct embargo_policy *policy;
	const struct embargo_schedule *schedule;
	const char *profile; /* whose rules alone, or NULL */
};

static bool is_by(const struct followed *followed, const struct embargo_choice *choice)
{
	return choice->schedule == followed->schedule &&
	       (!followed->profile || !choice->profile ||
		!strcmp(choice->profile, followed->profile));
}

static bool follows(const struct followed *followed, const struct embargo_rule *rule)
{
	for (size_t i = 0; i < rule->choice_count; i++)
		if (is_by(followed, &rule->choices[i]))
			return true;
	return false;
}

static bool is_followed(const struct followed *followed)
{
	for (size_t i = 0; i < followed->policy->rule_count; i++)
		if (follows(followed, &followed->policy->rules[i]))
			return true;
	return false;
}

static void write_vendors(FILE *out, const struct followed *followed)
{
	const struct embargo_policy *policy = followed->policy;
	const char *joint = "";

	for (size_t i = 0; i < policy->vendor_count; i++) {
		for (size_t j = 0; j < policy->rule_count; j++) {
			if (policy->rules[j].vendor != &policy->vendors[i] ||
			    !follows(followed, &policy->rules[j]))
				continue;
			fprintf(out, "%s%s", joint, policy->vendors[i].id);
			joint = " and ";
			break;
		}
	}
}

static int write_summary(FILE *out, const struct followed *followed,
			 const struct embargo_stage *stage)
{
	struct line line;

	if (begin(&line))
		return -ENOMEM;
	fputs("SUMMARY:Software of ", line.stream);
	write_vendors(line.stream, followed);
	fputc(' ', line.stream);
	escape(line.stream, actions[stage->action]);
	fprintf(line.stream, " (%s\\, %s)", followed->policy->id, followed->schedule->id);
	return end(out, &line);
}

/* Each profile by which some rule follows the schedule, once. */
static void write_profiles(FILE *out, const struct followed *followed)
{
	const struct embargo_policy *policy = followed->policy;
	const char *joint = "\\nOn hosts with the profile ";

	/* All rules that choose know the same profiles. */
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct embargo_rule *rule = &policy->rules[i];

		if (!rule->choices[0].profile || !follows(followed, rule))
			continue;
		for (size_t j = 0; j < rule->choice_count; j++) {
			if (!is_by(followed, &rule->choices[j]))
				continue;
			fprintf(out, "%s%s", joint, rule->choices[j].profile);
			joint = " or ";
		}
		return;
	}
}

static int write_description(FILE *out, const struct followed *followed,
			     const struct embargo_stage *stage)
{
	const char *joint = "DESCRIPTION:Rules: ";
	struct line line;

	if (begin(&line))
		return -ENOMEM;
	for (size_t i = 0; i < followed->policy->rule_count; i++) {
		if (!follows(followed, &followed->policy->rules[i]))
			continue;
		fprintf(line.stream, "%s%s", joint, followed->policy->rules[i].id);
		joint = "\\, ";
	}
	write_profiles(line.stream, followed);
	fputs("\\nAs the policy has it: ", line.stream);
	escape(line.stream, stage->written);
	if (stage->authority) {
		fputs("\\nAuthority: ", line.stream);
		escape(line.stream, stage->authority->cite);
	}
	if (stage->authority && stage->authority->binds) {
		fputs("\\nBinds: ", line.stream);
		escape(line.stream, stage->authority->binds);
	}
	return end(out, &line);
}

static int write_stage(FILE *out, const struct followed *followed, size_t number)
{
	const struct embargo_stage *stage = &followed->schedule->stages[number];
	int error;

	write_head(out, followed->policy, followed->schedule->id, number + 1, stage->at);
	error = write_summary(out, followed, stage);
	if (!error)
		error = write_description(out, followed, stage);
	write_tail(out);
	return error;
}

static int write_expiry(FILE *out, const struct embargo_policy *policy)
{
	struct line line;

	write_head(out, policy, "expires", 0, policy->expires.ns);
	if (begin(&line))
		return -ENOMEM;
	fprintf(line.stream,
		"SUMMARY:The policy %s expires: it stays in force\\, and wants to be replaced",
		policy->id);
	if (end(out, &line))
		return -ENOMEM;
	write_tail(out);
	return 0;
}

static int write_waiver(FILE *out, const struct embargo_policy *policy, size_t number)
{
	const struct embargo_waiver *waiver = &policy->waivers[number];
	struct line line;

	write_head(out, policy, "waivers", number + 1, waiver->until);
	if (begin(&line))
		return -ENOMEM;
	fputs("SUMMARY:The waiver ", line.stream);
	escape(line.stream, waiver->ticket);
	fprintf(line.stream, " ends (%s)", policy->id);
	if (end(out, &line))
		return -ENOMEM;
	if (begin(&line))
		return -ENOMEM;
	fputs("DESCRIPTION:", line.stream);
	escape(line.stream, waiver->reason);
	fputs("\\nApproved by: ", line.stream);
	escape(line.stream, waiver->by);
	if (end(out, &line))
		return -ENOMEM;
	write_tail(out);
	return 0;
}

static int write_policy(FILE *out, const struct embargo_policy *policy, const char *profile,
			int64_t from)
{
	int error = 0;

	for (size_t i = 0; i < policy->schedule_count; i++) {
		const struct followed followed = { policy, &policy->schedules[i], profile };

		if (!is_followed(&followed))
			continue;
		for (size_t j = 0; j < followed.schedule->stage_count && !error; j++)
			if (followed.schedule->stages[j].at > from)
				error = write_stage(out, &followed, j);
	}
	for (size_t i = 0; i < policy->waiver_count && !error; i++)
		if (policy->waivers[i].until > from)
			error = write_waiver(out, policy, i);
	if (!error && policy->expires.set && policy->expires.ns > from)
		error = write_expiry(out, policy);
	return error;
}

int embargo_calendar_write(FILE *out, const struct embargo_policy_set *set, int64_t now, bool past)
{
	int error = 0;

	fputs("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//embargo//embargo policy schedule//EN\r\n"
	      "CALSCALE:GREGORIAN\r\nX-WR-CALNAME:embargo\r\n",
	      out);
	for (size_t i = 0; i < set->count && !error; i++)
		error = write_policy(out, set->policies[i], set->profile, past ? INT64_MIN : now);
	fputs("END:VCALENDAR\r\n", out);
	return error;
}
