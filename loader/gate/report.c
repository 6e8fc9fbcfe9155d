// SPDX-License-Identifier: GPL-2.0-or-later
/* The gate's report, a file of lines. */
#include "loader/gate/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/presence.h"

#define FILE_NEW EMBARGO_GATE_FILE ".new"

static const char *const count_names[] = {
	[EMBARGO_GATE_COUNT_HELD] = "held",
	[EMBARGO_GATE_COUNT_ALLOWED] = "allowed",
	[EMBARGO_GATE_COUNT_LATE] = "late",
	[EMBARGO_GATE_COUNT_FAILED] = "failed",
	[EMBARGO_GATE_COUNT_UNANSWERED] = "unanswered",
	[EMBARGO_GATE_COUNT_EXEMPT] = "exempt",
	[EMBARGO_GATE_COUNT_OPENED] = "opened_by_watchdog",
};

_Static_assert(ARRAY_SIZE(count_names) == EMBARGO_GATE_COUNT_COUNT, "a count has no name");

static const char *const state_texts[] = {
	[EMBARGO_GATE_STATE_UNKNOWN] = "not running",
	[EMBARGO_GATE_STATE_UNSET] = "open: the settings do not say `gate: exec`",
	[EMBARGO_GATE_STATE_OFF] = "open: `embargo gate off`",
	[EMBARGO_GATE_STATE_PAUSED] = "open: it was ended, and is started again soon",
	[EMBARGO_GATE_STATE_ALONE] = "open: there is no watch to ask",
	[EMBARGO_GATE_STATE_IDLE] = "open: no rule in force looks into files",
	[EMBARGO_GATE_STATE_MARKING] = "open in part: file systems are still being marked",
	[EMBARGO_GATE_STATE_HOLDING] = "holds each first execution until the file was examined",
};

_Static_assert(ARRAY_SIZE(state_texts) == EMBARGO_GATE_STATE_COUNT, "a state has no text");

const char *embargo_gate_count_name(size_t count)
{
	return count < ARRAY_SIZE(count_names) ? count_names[count] : NULL;
}

const char *embargo_gate_state_text(enum embargo_gate_state state)
{
	return state_texts[state < EMBARGO_GATE_STATE_COUNT ? state : EMBARGO_GATE_STATE_UNKNOWN];
}

void embargo_gate_report_write(const struct embargo_gate_report *report)
{
	FILE *file = fopen(FILE_NEW, "we");
	bool failed;

	if (!file)
		return;
	fprintf(file, "state %u\n", (unsigned int)report->state);
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		fprintf(file, "%s %" PRIu64 "\n", count_names[i], report->counts[i]);
	failed = ferror(file);
	failed |= fclose(file) != 0;
	if (failed || rename(FILE_NEW, EMBARGO_GATE_FILE))
		unlink(FILE_NEW);
}

static bool take_line(struct embargo_gate_report *report, const char *name, uint64_t number)
{
	if (!strcmp(name, "state") && number < EMBARGO_GATE_STATE_COUNT) {
		report->state = (enum embargo_gate_state)number;
		return true;
	}
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		if (!strcmp(name, count_names[i])) {
			report->counts[i] = number;
			return true;
		}
	return false;
}

int embargo_gate_report_read(struct embargo_gate_report *report)
{
	_cleanup_fclose_ FILE *file = fopen(EMBARGO_GATE_FILE, "re");
	struct embargo_gate_report read = { .process = 0 };
	uint64_t number;
	char name[32];
	pid_t holder;
	int got;

	if (!file)
		return -errno;
	while ((got = fscanf(file, "%31s %" SCNu64 "\n", name, &number)) == 2)
		if (!take_line(&read, name, number))
			return -EBADMSG;
	if (got != EOF)
		return -EBADMSG;
	holder = embargo_presence_holder(EMBARGO_PRESENCE_GATE);
	read.process = holder > 0 ? holder : 0;
	/* What the watchdog last wrote may be half a second old. */
	if (!holder && read.state >= EMBARGO_GATE_STATE_ALONE)
		read.state = access(EMBARGO_GATE_OFF_FILE, F_OK) ? EMBARGO_GATE_STATE_PAUSED
								 : EMBARGO_GATE_STATE_OFF;
	/* Whoever would write another state has ended as well. */
	if (!holder && !embargo_presence_holder(EMBARGO_PRESENCE_WATCHDOG))
		read.state = EMBARGO_GATE_STATE_UNKNOWN;
	*report = read;
	return 0;
}
