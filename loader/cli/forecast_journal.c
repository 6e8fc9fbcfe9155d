// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast: what the journal says would have been refused, and is nowhere to be looked at now. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/cli/forecast.h"
#include "loader/event/from_journal.h"
#include "loader/model/time.h"
#include "loader/watch/mounts.h"

#define DAY_NS (INT64_C(86400) * EMBARGO_SECOND_NS)

/* A file that is there, on this machine, was looked at itself. */
static bool is_at_hand(const char *path)
{
	struct statx status;

	return !statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW,
		      STATX_TYPE | STATX_MNT_ID, &status) &&
	       embargo_mounts_id_is_local(status.stx_mnt_id);
}

static struct embargo_forecast_seen *find(struct embargo_forecast *forecast,
					  const struct embargo_event *event)
{
	for (size_t i = 0; i < forecast->seen.count; i++) {
		struct embargo_forecast_seen *seen = &forecast->seen.array[i];

		if (!strcmp(seen->path, event->path) &&
		    !memcmp(seen->digest.bytes, event->digest, sizeof(event->digest)))
			return seen;
	}
	return NULL;
}

/* What the kernel half asked, as far as the event tells; that it was looked up is known. */
static int64_t date_of(const struct embargo_forecast *forecast, const struct embargo_event *event,
		       struct embargo_answer *answer)
{
	struct embargo_question question = {
		.operation = event->operation,
		.path = event->path[0] == '/' ? event->path : NULL,
		.candidate_count = (event->flags & EMBARGO_EVENT_DIGEST) != 0,
	};

	memcpy(question.candidates[0].digest.bytes, event->digest, sizeof(event->digest));
	question.candidates[0].size = event->size;
	return embargo_forecast_date(forecast, &question, answer);
}

static int add(struct embargo_forecast *forecast, const struct embargo_event *event)
{
	const struct embargo_tables *tables = &forecast->judging.tables;
	struct embargo_forecast_seen *seen = find(forecast, event);
	struct embargo_answer answer;
	int64_t at;

	if (seen) {
		seen->count += event->count;
		seen->last = event->time;
		return 0;
	}
	at = date_of(forecast, event, &answer);
	if (at == EMBARGO_FORECAST_ALREADY || at == EMBARGO_FORECAST_NEVER ||
	    is_at_hand(event->path))
		return 0;
	if (EMBARGO_FORECAST_ROOM(forecast->seen))
		return -ENOMEM;
	seen = &forecast->seen.array[forecast->seen.count];
	*seen = (struct embargo_forecast_seen) {
		.path = embargo_forecast_text(forecast, event->path),
		.at = at,
		.last = event->time,
		.reason = &tables->reasons[answer.decision.reason < tables->reason_count
						   ? answer.decision.reason
						   : 0],
		.count = event->count,
	};
	memcpy(seen->digest.bytes, event->digest, sizeof(event->digest));
	return seen->path ? (forecast->seen.count++, 0) : -ENOMEM;
}

static void free_event(struct embargo_event **event)
{
	free(*event);
}

int embargo_forecast_journal(struct embargo_forecast *forecast)
{
	_cleanup_(embargo_journal_reader_cleanup) struct embargo_journal_reader *reader = NULL;
	_cleanup_(free_event) struct embargo_event *event = embargo_event_new();
	struct embargo_journal_findings findings;
	struct timespec now;
	int error, got = 0;

	if (!event)
		return -ENOMEM;
	clock_gettime(CLOCK_REALTIME, &now);
	error = embargo_journal_reader_open(
		now.tv_sec * EMBARGO_SECOND_NS - EMBARGO_FORECAST_DAYS * DAY_NS, &reader);
	if (error == -ENOENT)
		return 0;
	if (error) {
		embargo_forecast_miss(forecast, "the journal cannot be read: %s", strerror(-error));
		return 0;
	}
	error = 0;
	while (!error && (got = embargo_journal_reader_next(reader, event, &findings)) > 0)
		if (event->verdict == EMBARGO_VERDICT_AUDIT)
			error = add(forecast, event);
	if (got < 0)
		embargo_forecast_miss(forecast, "the journal cannot be read to its end: %s",
				      strerror(-got));
	return error;
}
