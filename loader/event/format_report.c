// SPDX-License-Identifier: GPL-2.0-or-later
/* An event as one line for the administrator. */
#include "loader/base/hex.h"
#include "loader/event/format.h"
#include "loader/model/names.h"
#include "loader/model/time.h"

/* A repeated event tells no path: the digest says which file it was. */
static void add_subject(struct embargo_line *line, const struct embargo_event *event)
{
	char digest[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];

	if (event->path_length) {
		embargo_line_add_text(line, event->path);
		return;
	}
	if (!(event->flags & EMBARGO_EVENT_DIGEST)) {
		embargo_line_add(line, "a file without a name");
		return;
	}
	embargo_hex_format(event->digest, sizeof(event->digest), digest);
	embargo_line_add(line, "sha256 %s", digest);
}

static void add_source(struct embargo_line *line, const struct embargo_event *event)
{
	char since[EMBARGO_TIME_TEXT];

	if (!event->reason.rule[0]) { /* a repetition of what is no longer remembered */
		embargo_line_add(line, ": by a rule of generation %llu",
				 (unsigned long long)event->generation);
		return;
	}
	embargo_line_add(line, ": rule ");
	embargo_line_add_text(line, event->reason.rule);
	embargo_line_add(line, " of ");
	embargo_line_add_text(line, event->reason.policy);
	if (event->since)
		embargo_line_add(line, " (%s since %s)", embargo_action_name(event->action),
				 embargo_time_format(event->since, since, sizeof(since)));
	if (!event->reason.authority[0])
		return;
	embargo_line_add(line, ", authority ");
	embargo_line_add_text(line, event->reason.authority);
	if (!event->reason.cite[0])
		return;
	embargo_line_add(line, " (");
	embargo_line_add_text(line, event->reason.cite);
	embargo_line_add(line, ")");
}

static void add_waiver(struct embargo_line *line, const struct embargo_event *event)
{
	char until[EMBARGO_TIME_TEXT];

	if (!event->ticket[0])
		return;
	embargo_line_add(line, "; waived until %s by ticket ",
			 embargo_time_format(event->waived_until, until, sizeof(until)));
	embargo_line_add_text(line, event->ticket);
}

void embargo_format_report(const struct embargo_event *event, struct embargo_line *line)
{
	char reason[EMBARGO_EVENT_FIELD_TEXT];

	line->length = 0;
	embargo_line_add(line, "%s %s of ",
			 event->verdict == EMBARGO_VERDICT_DENY ? "denied" : "audited",
			 embargo_operation_name(event->operation));
	add_subject(line, event);
	add_source(line, event);
	add_waiver(line, event);
	if (event->flags & EMBARGO_EVENT_NEW)
		embargo_line_add(line, "; the file is newer than the stage");
	if (embargo_event_digest_reason(event, reason))
		embargo_line_add(line, "; %s%s", reason,
				 event->flags & EMBARGO_EVENT_EVASION ? ", by the caller's doing"
								      : "");
	if (event->flags & EMBARGO_EVENT_EXEMPT)
		embargo_line_add(line, "; let through, as PID 1 is never stopped");
	embargo_line_add(line, "; uid %u, pid %u (", event->uid, event->pid);
	embargo_line_add_text(line, event->comm);
	embargo_line_add(line, ")");
	if (event->count > 1)
		embargo_line_add(line, "; %llu times", (unsigned long long)event->count);
}
