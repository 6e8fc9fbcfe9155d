// SPDX-License-Identifier: GPL-2.0-or-later
/* The terminals: a line that one does not take at once is tried again while the loop goes on. */
#include "loader/daemon/terminals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/event/format.h"
#include "loader/event/to_terminal.h"

#define LINES_MOST     8
#define FIRST_PAUSE_US 20000
#define LAST_PAUSE_US  (FIRST_PAUSE_US << 7) /* all eight: 5.1 s */
#define SLACK_US       5000

struct waiting {
	__u32 device;
	uint64_t due;	/* CLOCK_MONOTONIC, us */
	uint64_t pause; /* before that, us */
	struct embargo_line line;
};

struct embargo_terminals {
	sd_event *event;
	sd_event_source *timer;
	size_t count;
	struct waiting lines[LINES_MOST];
};

/* For the first line that is due; for none: not at all. */
static int set_timer(struct embargo_terminals *terminals)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < terminals->count; i++)
		if (terminals->lines[i].due < first)
			first = terminals->lines[i].due;
	if (!terminals->count)
		return sd_event_source_set_enabled(terminals->timer, SD_EVENT_OFF);
	sd_event_source_set_time(terminals->timer, first);
	return sd_event_source_set_enabled(terminals->timer, SD_EVENT_ONESHOT);
}

/* Once more: does it go on waiting? */
static bool still_waits(struct waiting *waiting, uint64_t now)
{
	if (waiting->due > now)
		return true;
	if (embargo_terminal_tell(waiting->device, &waiting->line) != -EAGAIN ||
	    waiting->pause == LAST_PAUSE_US)
		return false;
	waiting->pause *= 2;
	waiting->due = now + waiting->pause;
	return true;
}

static int on_due(sd_event_source *source, uint64_t due, void *context)
{
	struct embargo_terminals *terminals = context;
	uint64_t now = due;
	size_t kept = 0;

	(void)source;
	sd_event_now(terminals->event, CLOCK_MONOTONIC, &now);
	for (size_t i = 0; i < terminals->count; i++) {
		if (!still_waits(&terminals->lines[i], now))
			continue;
		if (kept != i)
			terminals->lines[kept] = terminals->lines[i];
		kept++;
	}
	terminals->count = kept;
	return set_timer(terminals);
}

void embargo_terminals_tell(struct embargo_terminals *terminals, const struct embargo_event *event)
{
	struct waiting *next = &terminals->lines[terminals->count];
	struct embargo_line line = { 0 };

	if (!embargo_terminal_concerns(event))
		return;
	embargo_format_notice(event, &line);
	if (embargo_terminal_tell(event->tty, &line) != -EAGAIN || terminals->count == LINES_MOST ||
	    sd_event_now(terminals->event, CLOCK_MONOTONIC, &next->due) < 0)
		return;
	next->device = event->tty;
	next->line = line;
	next->pause = FIRST_PAUSE_US;
	next->due += next->pause;
	terminals->count++;
	set_timer(terminals);
}

int embargo_terminals_create(sd_event *event, struct embargo_terminals **terminals)
{
	struct embargo_terminals *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->event = sd_event_ref(event);
	error = sd_event_add_time(event, &made->timer, CLOCK_MONOTONIC, 0, SLACK_US, on_due, made);
	if (error >= 0)
		error = sd_event_source_set_enabled(made->timer, SD_EVENT_OFF);
	if (error < 0) {
		embargo_terminals_free(made);
		return error;
	}
	*terminals = made;
	return 0;
}

void embargo_terminals_free(struct embargo_terminals *terminals)
{
	if (!terminals)
		return;
	sd_event_source_disable_unref(terminals->timer);
	sd_event_unref(terminals->event);
	free(terminals);
}
