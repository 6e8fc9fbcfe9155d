/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way into the journal, with a field for each fact. */
#ifndef EMBARGO_EVENT_TO_JOURNAL_H
#define EMBARGO_EVENT_TO_JOURNAL_H

#include "loader/event/event.h"

/* What kind of entry it is: `journalctl MESSAGE_ID=...` finds all of one kind. */
#define EMBARGO_MESSAGE_DENIED	"d35ccd9d08e4484baa7a0f1cf3dcdf4c"
#define EMBARGO_MESSAGE_AUDITED "aeb8e507fe504bb6996cbed6a180dc56"
#define EMBARGO_MESSAGE_CLOCK	"ce4074198d304daeb793065375197db1" /* the clock was set back */
#define EMBARGO_MESSAGE_LOST	"776210d1356844ffa0486ab45a89a1ce" /* events were lost */
#define EMBARGO_MESSAGE_DAEMON	"7fec051a390d4868a73a4a09daa18021" /* started, stopped, trouble */
#define EMBARGO_MESSAGE_SWEEP	"47e2269bb8064b21a0ce3ba57c74473f" /* what runs is refused by now */
#define EMBARGO_MESSAGE_WATCH	"5f0b8d7a3c9e4f6f9a1c7d2e8b4a6c31" /* learned, trouble with files */

/* What precedes a field's name of loader/event/event.h in the journal. */
#define EMBARGO_JOURNAL_PREFIX "EMBARGO_"

/*
 * A socket for the functions below. sd_journal_sendv() waits when the journal hangs, and a daemon
 * that waits loses events without a word; so the entries are sent from here, in the documented
 * native form, without waiting. -ENOENT: no journal runs here.
 */
int embargo_journal_connect(void);

/* Sends @event with what was found out of it. -EAGAIN: the journal does not keep up; the entry
 * is lost to it. */
int embargo_journal_send_event(int fd, const struct embargo_event *event,
			       const struct embargo_event_findings *findings);

/* Sends a message about the daemon itself; @priority as in syslog.h. */
int embargo_journal_send_message(int fd, int priority, const char *id, const char *text);

#endif
