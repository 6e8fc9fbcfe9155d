// SPDX-License-Identifier: GPL-2.0-or-later
/* An event as one line for the person whose program was refused. */
#include <string.h>

#include "loader/event/format.h"
#include "loader/model/time.h"

/* A longer path fills the screen of somebody who only wants to know why: its end tells most. */
#define NOTICE_PATH 512

static void add_path(struct embargo_line *line, const struct embargo_event *event)
{
	const char *path = event->path;
	size_t length = event->path_length;

	if (!length) {
		embargo_line_add(line, "a file of yours");
		return;
	}
	if (length > NOTICE_PATH) {
		path += length - NOTICE_PATH;
		embargo_line_add(line, "...");
	}
	embargo_line_add_text(line, path);
}

void embargo_format_notice(const struct embargo_event *event, struct embargo_line *line)
{
	const char *authority =
		event->reason.cite[0] ? event->reason.cite : event->reason.authority;
	char since[EMBARGO_TIME_TEXT];

	embargo_time_format(event->since, since, sizeof(since));
	line->length = 0;
	embargo_line_add(line, "embargo: ");
	add_path(line, event);
	embargo_line_add(line, ": refused%s (rule ",
			 event->flags & EMBARGO_EVENT_NO_DIGEST
				 ? ", as its content cannot be verified"
				 : "");
	embargo_line_add_text(line, event->reason.rule);
	embargo_line_add(line, " of ");
	embargo_line_add_text(line, event->reason.policy);
	embargo_line_add(line, ", in force%s since %.*s",
			 event->flags & EMBARGO_EVENT_NEW ? " for new files" : "",
			 (int)strcspn(since, "T"), since);
	if (authority[0]) {
		embargo_line_add(line, ", authority ");
		embargo_line_add_text(line, authority);
	}
	embargo_line_add(line, ")");
}
