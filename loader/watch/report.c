// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of the watch, a file of JSON. */
#include "loader/watch/report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/paths.h"
#include "loader/json/json.h"

#define REPORT_NEW EMBARGO_WATCH_FILE ".new"

/* A number of the report: its key, and where it is. */
static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
	{ "process", offsetof(struct embargo_watch_report, process) },
	{ "classified", offsetof(struct embargo_watch_report, counts.classified) },
	{ "remembered", offsetof(struct embargo_watch_report, counts.remembered) },
	{ "learned", offsetof(struct embargo_watch_report, counts.learned) },
	{ "failed", offsetof(struct embargo_watch_report, counts.failed) },
	{ "inventory_seen", offsetof(struct embargo_watch_report, inventory.seen) },
	{ "inventory_given", offsetof(struct embargo_watch_report, inventory.given) },
	{ "inventory_expected", offsetof(struct embargo_watch_report, inventory.expected) },
	{ "inventory_skipped", offsetof(struct embargo_watch_report, inventory.skipped) },
	{ "inventory_roots", offsetof(struct embargo_watch_report, inventory.roots) },
};

static uint64_t *number_at(struct embargo_watch_report *report, size_t index)
{
	return (uint64_t *)((char *)report + numbers[index].offset);
}

void embargo_watch_report_write(const struct embargo_examiner_counts *counts,
				const struct embargo_inventory_progress *progress)
{
	struct embargo_watch_report report = { (uint64_t)getpid(), *counts, *progress };
	_cleanup_json_ json_t *object = json_object();
	_cleanup_fclose_ FILE *file = NULL;
	int failed = embargo_json_set(object, "inventory_done", json_boolean(progress->is_done));

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		failed |= embargo_json_set_number(object, numbers[i].key, *number_at(&report, i));
	file = failed ? NULL : fopen(REPORT_NEW, "we");
	if (!file)
		return;
	if (embargo_json_print_line(object, file) || fflush(file) ||
	    rename(REPORT_NEW, EMBARGO_WATCH_FILE))
		unlink(REPORT_NEW);
}

void embargo_watch_report_remove(void)
{
	unlink(EMBARGO_WATCH_FILE);
}

int embargo_watch_report_read(struct embargo_watch_report *report)
{
	struct embargo_watch_report read = { .counts = { 0 } };
	_cleanup_json_ json_t *object = NULL;

	if (access(EMBARGO_WATCH_FILE, R_OK))
		return -errno;
	object = json_load_file(EMBARGO_WATCH_FILE, 0, NULL);
	if (!object)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		*number_at(&read, i) =
			(uint64_t)json_integer_value(json_object_get(object, numbers[i].key));
	read.inventory.is_done = json_is_true(json_object_get(object, "inventory_done"));
	/* What an earlier one has left says nothing of now. */
	if (kill((pid_t)read.process, 0) && errno == ESRCH)
		return -ENOENT;
	*report = read;
	return 0;
}

char *embargo_lesson_format(const struct embargo_lesson *lesson, const char *path, char *text,
			    size_t size)
{
	static const char foundation[] = ", and is not refused: PID 1 or embargo itself runs on it";
	char full[96] = "", identity[512] = "its path and digest";

	if (lesson->by)
		embargo_identity_format(lesson->by, identity, sizeof(identity));
	snprintf(full, sizeof(full), ", and is not refused: %d digests are learned already",
		 EMBARGO_LEARNED_MAX);
	snprintf(text, size, "%s falls under rule %s of %s by %s%s%s%s", path ? path : "a file",
		 lesson->rule, lesson->policy,
		 lesson->by ? embargo_identity_kind_name(lesson->by->kind) : "",
		 lesson->by ? " " : "", identity,
		 lesson->is_foundation ? foundation
		 : lesson->is_full     ? full
				       : "");
	return text;
}
