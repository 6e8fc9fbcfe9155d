// SPDX-License-Identifier: GPL-2.0-or-later
/* The reporter: each event to each destination, once. */
#include "loader/daemon/reporter.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "loader/base/log.h"
#include "loader/enact/grounds.h"
#include "loader/event/format.h"
#include "loader/event/to_journal.h"

/* Longer messages of the daemon's own are cut off: a diagnostic fits whole. */
#define MESSAGE_SIZE 2048

/* A pipe that takes more takes PIPE_BUF bytes at least, with what stands before and behind a line.
 */
#define LINE_MOST (PIPE_BUF - 96)

/* systemd tells a service in JOURNAL_STREAM ("DEVICE:INODE") what its standard error is. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat status;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &status) && status.st_dev == device && status.st_ino == inode;
}

void embargo_reporter_open(struct embargo_reporter *reporter)
{
	*reporter = (struct embargo_reporter) {
		.journal = embargo_journal_connect(),
		.to_stderr = !stderr_is_journal(),
	};
}

static void disconnect(struct embargo_reporter *reporter)
{
	if (reporter->journal >= 0)
		close(reporter->journal);
	reporter->journal = -1;
}

void embargo_reporter_close(struct embargo_reporter *reporter)
{
	disconnect(reporter);
	embargo_grounds_close(reporter->grounds);
	reporter->grounds = NULL;
}

/* journald may have been restarted by hand, and then listens elsewhere: once more, then lost. */
static bool reconnect(struct embargo_reporter *reporter, int error)
{
	if (error != -ECONNREFUSED && error != -ENOTCONN && error != -EPIPE && error != -ENOENT)
		return false;
	disconnect(reporter);
	reporter->journal = embargo_journal_connect();
	return reporter->journal >= 0;
}

static void to_journal(struct embargo_reporter *reporter, const struct embargo_event *event)
{
	char identity[EMBARGO_GROUNDS_TEXT];
	struct embargo_event_findings findings;
	int error;

	if (reporter->journal < 0)
		return;
	findings = (struct embargo_event_findings) {
		embargo_cgroup_name(&reporter->cgroups, event->cgroup, event->pid, event->ppid),
		embargo_grounds_of_event(&reporter->grounds, event, identity),
	};
	error = embargo_journal_send_event(reporter->journal, event, &findings);
	if (error && reconnect(reporter, error))
		error = embargo_journal_send_event(reporter->journal, event, &findings);
	if (error)
		reporter->journal_lost++;
}

/* Once the journal listens again, it is told how much it missed. */
static void tell_lost(struct embargo_reporter *reporter)
{
	uint64_t lost = reporter->journal_lost;
	char text[128];

	if (!lost || reporter->journal < 0)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " entries were lost: the journal did not keep up",
		 lost);
	if (!embargo_journal_send_message(reporter->journal, LOG_WARNING, EMBARGO_MESSAGE_LOST,
					  text))
		reporter->journal_lost = 0;
}

/* A pipe that nobody reads, a terminal that was stopped: those who look into files and report do
 * not wait there. */
static void to_stderr(struct embargo_reporter *reporter, const char *text)
{
	char lost[64] = "";

	if (!reporter->to_stderr)
		return;
	if (!embargo_log_takes_more()) {
		reporter->stderr_lost++;
		return;
	}
	if (reporter->stderr_lost)
		snprintf(lost, sizeof(lost), "embargo: %" PRIu64 " lines were read by nobody\n",
			 reporter->stderr_lost);
	reporter->stderr_lost = 0;
	fprintf(stderr, "%sembargo: %.*s\n", lost, LINE_MOST, text);
}

void embargo_reporter_event(struct embargo_reporter *reporter, const struct embargo_event *event)
{
	struct embargo_line line;

	tell_lost(reporter);
	to_journal(reporter, event);
	embargo_format_report(event, &line);
	to_stderr(reporter, line.text);
}

void embargo_reporter_say(struct embargo_reporter *reporter, int priority, const char *id,
			  const char *format, ...)
{
	char text[MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell_lost(reporter);
	if (reporter->journal >= 0 &&
	    embargo_journal_send_message(reporter->journal, priority, id, text))
		reporter->journal_lost++;
	to_stderr(reporter, text);
}
