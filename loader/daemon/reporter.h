/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the daemon's news go: the journal and standard error. */
#ifndef EMBARGO_DAEMON_REPORTER_H
#define EMBARGO_DAEMON_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/event/cgroup.h"
#include "loader/event/event.h"

struct embargo_grounds;

struct embargo_reporter {
	int journal;	       /* socket, or negative: there is none */
	bool to_stderr;	       /* where that is not the journal's own pipe */
	uint64_t journal_lost; /* entries that the journal did not take, not told yet */
	uint64_t stderr_lost;  /* and lines that nobody read */
	struct embargo_cgroup_cache cgroups;
	struct embargo_grounds *grounds; /* NULL: not asked for yet, or no memory for it */
};

/* Finds out where news can go. Never fails: there may be nobody to tell. */
void embargo_reporter_open(struct embargo_reporter *reporter);
void embargo_reporter_close(struct embargo_reporter *reporter);

/* Tells @event to both. Waits for nobody. */
void embargo_reporter_event(struct embargo_reporter *reporter, const struct embargo_event *event);

/* Says something about the daemon itself; @priority as in syslog.h, @id of to_journal.h. */
void embargo_reporter_say(struct embargo_reporter *reporter, int priority, const char *id,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
