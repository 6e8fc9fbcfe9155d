// SPDX-License-Identifier: GPL-2.0-or-later
/* The two forms of a verdict: lines for people, an object for programs. */
#include "loader/cli/check_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/json/identity.h"
#include "loader/model/names.h"
#include "loader/model/time.h"

/* Whom to name, or NULL where no rule matches. */
static const struct embargo_reason *find_reason(const struct embargo_check_report *report)
{
	__u32 reason = report->answer->decision.reason;

	if (!reason || reason >= report->tables->reason_count)
		return NULL;
	return &report->tables->reasons[reason];
}

/* The digest that was looked up: of a compressed module's content where that is what matched. */
static const struct embargo_digest *find_digest(const struct embargo_check_report *report)
{
	return &report->subject->question.candidates[report->answer->candidate].digest;
}

static void print_field(const char *name, const char *value)
{
	char printable[PATH_MAX];

	printf("  %-10s %s\n", name, embargo_utf8_printable(value, printable, sizeof(printable)));
}

static void print_reason(const struct embargo_check_report *report,
			 const struct embargo_reason *reason)
{
	const struct embargo_decision *decision = &report->answer->decision;
	char text[512], since[EMBARGO_TIME_TEXT] = "always";

	snprintf(text, sizeof(text), "%s of %s", reason->rule, reason->policy);
	print_field("rule", text);
	print_field("vendor", reason->vendor);
	if (reason->authority[0]) {
		snprintf(text, sizeof(text), reason->cite[0] ? "%s (%s)" : "%s", reason->authority,
			 reason->cite);
		print_field("authority", text);
	}
	if (decision->since) /* the host's settings may give no date */
		embargo_time_format(decision->since, since, sizeof(since));
	snprintf(text, sizeof(text), "%s since %s%s", embargo_action_name(decision->action), since,
		 decision->is_new ? "; the file came after that" : "");
	print_field("stage", text);
}

/* "waived until 2025-01-31T05:00:00Z by ticket SEC-1" */
static const char *format_waiver(const struct embargo_permit *waiver, char *text, size_t size)
{
	char until[EMBARGO_TIME_TEXT];

	snprintf(text, size, "waived until %s by ticket %s",
		 embargo_time_format(waiver->until, until, sizeof(until)), waiver->ticket);
	return text;
}

static void print_ground(const struct embargo_check_report *report)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], text[2048];

	switch (report->answer->ground) {
	case EMBARGO_GROUND_DIGEST:
		print_field("sha256", embargo_hex_format(find_digest(report)->bytes,
							 EMBARGO_SHA256_SIZE, hex));
		break;
	case EMBARGO_GROUND_IDENTITY:
		if (report->answer->by)
			print_field(embargo_identity_kind_name(report->answer->by->kind),
				    embargo_identity_format(report->answer->by, text,
							    sizeof(text)));
		break;
	case EMBARGO_GROUND_PATH:
		print_field("path", report->subject->path);
		break;
	default:
		break;
	}
}

/* What a reader might take for granted and must not. */
static void print_notes(const struct embargo_check_report *report)
{
	const struct embargo_specimen *specimen = &report->subject->specimen;

	if (!embargo_subject_is_enforced(report->subject))
		print_field("note", "the kernel does not look at this operation: this is what the "
				    "policy says of the content and the path");
	if (report->answer->no_digest)
		print_field("note", "digest not computed by the kernel (too large, or on FUSE): "
				    "on-error decides");
	if (specimen->inner_error)
		print_field("note", "the compressed content cannot be read, so the module in it is "
				    "not judged");
}

void embargo_check_report_print(const struct embargo_check_report *report)
{
	const struct embargo_answer *answer = report->answer;
	const struct embargo_reason *reason = find_reason(report);
	char text[PATH_MAX], time[EMBARGO_TIME_TEXT];

	printf("%s: %s\n", embargo_utf8_printable(report->path, text, sizeof(text)),
	       embargo_verdict_name(answer->decision.verdict));
	if (report->process)
		print_field("process", report->process);
	print_field("operation", embargo_operation_name(report->subject->question.operation));
	if (reason)
		print_reason(report, reason);
	print_ground(report);
	if (answer->waiver)
		print_field("waiver", format_waiver(answer->waiver, text, sizeof(text)));
	print_notes(report);
	if (!answer->has_next)
		return;
	snprintf(text, sizeof(text), "%s from %s", embargo_verdict_name(answer->next.verdict),
		 embargo_time_format(answer->next_at, time, sizeof(time)));
	print_field("next", text);
}

/* What matched, as in a line: "package name=kesl". */
static void print_ground_short(const struct embargo_check_report *report)
{
	const struct embargo_identity *by = report->answer->by;
	char text[2048], printable[2048];

	switch (report->answer->ground) {
	case EMBARGO_GROUND_DIGEST:
		fputs("; sha256", stdout);
		break;
	case EMBARGO_GROUND_IDENTITY:
		if (by)
			printf("; %s %s", embargo_identity_kind_name(by->kind),
			       embargo_utf8_printable(embargo_identity_format(by, text,
									      sizeof(text)),
						      printable, sizeof(printable)));
		break;
	case EMBARGO_GROUND_PATH:
		fputs("; path", stdout);
		break;
	case EMBARGO_GROUND_NO_DIGEST:
		fputs("; its digest cannot be had", stdout);
		break;
	default:
		break;
	}
}

void embargo_check_report_print_line(const struct embargo_check_report *report)
{
	const struct embargo_answer *answer = report->answer;
	__u32 found = answer->decision.reason ? answer->decision.reason : answer->next.reason;
	char text[PATH_MAX], time[EMBARGO_TIME_TEXT];

	printf("%s: %s", embargo_utf8_printable(report->path, text, sizeof(text)),
	       embargo_verdict_name(answer->decision.verdict));
	if (found && found < report->tables->reason_count)
		printf("; rule %s of %s", report->tables->reasons[found].rule,
		       report->tables->reasons[found].policy);
	print_ground_short(report);
	if (answer->waiver)
		printf("; %s", format_waiver(answer->waiver, text, sizeof(text)));
	if (answer->has_next)
		printf("; %s from %s", embargo_verdict_name(answer->next.verdict),
		       embargo_time_format(answer->next_at, time, sizeof(time)));
	putchar('\n');
}

/* NULL for what is empty: a program should not have to tell "" from missing. */
static const char *or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

static int add_reason(const struct embargo_check_report *report, json_t *object)
{
	const struct embargo_reason *reason = find_reason(report);
	const struct embargo_decision *decision = &report->answer->decision;
	int failed;

	failed = embargo_json_set_text(object, "action",
				       reason ? embargo_action_name(decision->action) : NULL);
	failed |= embargo_json_set_text(object, "policy", reason ? reason->policy : NULL);
	failed |= embargo_json_set_text(object, "rule", reason ? reason->rule : NULL);
	failed |= embargo_json_set_text(object, "vendor", reason ? reason->vendor : NULL);
	failed |= embargo_json_set_text(object, "authority",
					reason ? or_null(reason->authority) : NULL);
	failed |= embargo_json_set_text(object, "cite", reason ? or_null(reason->cite) : NULL);
	if (reason)
		failed |= embargo_json_set_time(object, "since", decision->since);
	else
		failed |= embargo_json_set_text(object, "since", NULL);
	return failed;
}

/* {kind, value} of what matched, or null. */
static int add_identity(const struct embargo_check_report *report, json_t *object)
{
	json_t *identity = NULL;
	int failed = 0;

	switch (report->answer->ground) {
	case EMBARGO_GROUND_IDENTITY:
		if (report->answer->by)
			failed = embargo_identity_to_json(report->answer->by, &identity);
		break;
	case EMBARGO_GROUND_DIGEST:
		identity = json_object();
		failed = embargo_json_set_text(identity, "kind", "sha256");
		failed |= embargo_json_set_hex(identity, "value", find_digest(report)->bytes,
					       EMBARGO_SHA256_SIZE);
		break;
	case EMBARGO_GROUND_PATH:
		identity = json_object();
		failed = embargo_json_set_text(identity, "kind", "path");
		failed |= embargo_json_set_path(identity, "value", report->subject->path);
		break;
	default:
		break;
	}
	return embargo_json_set(object, "identity", identity ? identity : json_null()) | failed;
}

static int add_waiver(const struct embargo_check_report *report, json_t *object)
{
	const struct embargo_permit *waiver = report->answer->waiver;
	json_t *made;
	int failed;

	if (!waiver)
		return embargo_json_set(object, "waiver", json_null());
	made = json_object();
	failed = embargo_json_set_text(made, "ticket", waiver->ticket);
	failed |= embargo_json_set_time(made, "until", waiver->until);
	return embargo_json_set(object, "waiver", made) | failed;
}

static int add_next(const struct embargo_check_report *report, json_t *object)
{
	const struct embargo_answer *answer = report->answer;
	const __u32 found = answer->next.reason;
	json_t *next;
	int failed;

	if (!answer->has_next)
		return embargo_json_set_text(object, "next", NULL);
	next = json_object();
	failed = embargo_json_set_time(next, "at", answer->next_at);
	failed |= embargo_json_set_text(next, "action", embargo_action_name(answer->next.action));
	failed |=
		embargo_json_set_text(next, "verdict", embargo_verdict_name(answer->next.verdict));
	if (found && found < report->tables->reason_count) {
		failed |= embargo_json_set_text(next, "policy",
						report->tables->reasons[found].policy);
		failed |= embargo_json_set_text(next, "rule", report->tables->reasons[found].rule);
	}
	return embargo_json_set(object, "next", next) | failed;
}

int embargo_check_report_to_json(const struct embargo_check_report *report, json_t **made)
{
	const struct embargo_subject *subject = report->subject;
	const struct embargo_answer *answer = report->answer;
	_cleanup_json_ json_t *object = json_object();
	int failed;

	failed = embargo_json_set_path(object, "path", report->path);
	if (report->process)
		failed |=
			embargo_json_set_number(object, "pid", strtoul(report->process, NULL, 10));
	failed |= embargo_json_set_text(object, "operation",
					embargo_operation_name(subject->question.operation));
	failed |= embargo_json_set_hex(object, "sha256", find_digest(report)->bytes,
				       EMBARGO_SHA256_SIZE);
	failed |= embargo_json_set_text(object, "verdict",
					embargo_verdict_name(answer->decision.verdict));
	failed |= add_reason(report, object);
	failed |= add_identity(report, object);
	failed |= add_waiver(report, object);
	failed |= embargo_json_set_time(object, "at", report->at);
	failed |= add_next(report, object);
	failed |= embargo_json_set(object, "enforced",
				   json_boolean(embargo_subject_is_enforced(subject)));
	failed |= embargo_json_set(object, "digest_unavailable", json_boolean(answer->no_digest));
	if (failed)
		return -ENOMEM;
	*made = TAKE_PTR(object);
	return 0;
}
