/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events read back from the journal. */
#ifndef EMBARGO_EVENT_FROM_JOURNAL_H
#define EMBARGO_EVENT_FROM_JOURNAL_H

#include <stdint.h>

#include "loader/event/cgroup.h"
#include "loader/event/event.h"

struct embargo_journal_reader;

/*
 * Opens this host's journal at the entries made since @since (ns since 1970; INT64_MIN: all). Only
 * entries that root made are taken: anybody may write to the journal, under any name. Errors:
 * -ENOENT there is no journal, -EACCES this user may not read it, -ENOMEM.
 */
int embargo_journal_reader_open(int64_t since, struct embargo_journal_reader **reader);
void embargo_journal_reader_close(struct embargo_journal_reader *reader);

/* What was found out of an event when it was told. */
struct embargo_journal_findings {
	char cgroup[EMBARGO_CGROUP_TEXT];
	char identity[EMBARGO_EVENT_IDENTITY_TEXT];
};

/*
 * Reads the next event into @event (made by embargo_event_new()) and the rest into @findings.
 * Returns 1, or 0 where there is none yet, or -errno. Entries that are no event are passed
 * over.
 */
int embargo_journal_reader_next(struct embargo_journal_reader *reader, struct embargo_event *event,
				struct embargo_journal_findings *findings);

/* Waits until the journal has grown. Returns 0 or -errno. */
int embargo_journal_reader_wait(struct embargo_journal_reader *reader);

static inline void embargo_journal_reader_cleanup(struct embargo_journal_reader **reader)
{
	embargo_journal_reader_close(*reader);
}

#endif
