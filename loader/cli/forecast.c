// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast: the files of this host judged now and at each date to come. */
#include "loader/cli/forecast.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/cli/scan_roots.h"
#include "loader/watch/inventory.h"

/* The arena's. */
static void pass_over(void *object)
{
	(void)object;
}

void embargo_forecast_stop(struct embargo_forecast *forecast)
{
	embargo_judging_stop(&forecast->judging);
	embargo_arena_free(forecast->arena);
	free(forecast->files.array);
	free(forecast->objects.array);
	free(forecast->needs.array);
	tdestroy(forecast->by_inode, pass_over);
	embargo_dynamic_cache_close(forecast->cache);
	free(forecast->units.array);
	free(forecast->packages.array);
	free(forecast->seen.array);
}

const char *embargo_forecast_text(struct embargo_forecast *forecast, const char *text)
{
	return text ? embargo_arena_copy(forecast->arena, text, strlen(text)) : NULL;
}

void embargo_forecast_miss(struct embargo_forecast *forecast, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (forecast->missing_count < EMBARGO_FORECAST_MISSING)
		forecast->missing[forecast->missing_count++] =
			embargo_forecast_text(forecast, text);
}

/*
 * Goes from one change of the verdict to the next. What is refused at the end, and is not now, is
 * told with the moment since when it is: a rule may begin, end and begin again.
 */
int64_t embargo_forecast_date(const struct embargo_forecast *forecast,
			      const struct embargo_question *question,
			      struct embargo_answer *answer)
{
	const struct embargo_tables *tables = &forecast->judging.tables;
	int64_t at = EMBARGO_FORECAST_NEVER;
	struct embargo_answer then;

	if (embargo_question_answer(question, tables, forecast->judging.at, &then))
		return EMBARGO_FORECAST_NEVER;
	if (then.decision.verdict == EMBARGO_VERDICT_DENY)
		return EMBARGO_FORECAST_ALREADY;
	while (then.has_next && then.next_at <= forecast->until) {
		int64_t moment = then.next_at;

		if (embargo_question_answer(question, tables, moment, &then))
			return EMBARGO_FORECAST_NEVER;
		if (then.decision.verdict != EMBARGO_VERDICT_DENY) {
			at = EMBARGO_FORECAST_NEVER;
		} else if (at == EMBARGO_FORECAST_NEVER) {
			at = moment;
			*answer = then;
			/* Without an end the first date is the one that is asked about. */
			if (forecast->until == INT64_MAX)
				return at;
		}
	}
	return at;
}

struct embargo_forecast_file *embargo_forecast_find(const struct embargo_forecast *forecast,
						    dev_t device, ino_t inode)
{
	for (size_t i = 0; i < forecast->files.count; i++)
		if (forecast->files.array[i]->inode == inode &&
		    forecast->files.array[i]->device == device)
			return forecast->files.array[i];
	return NULL;
}

/* What it matches by, in words. */
static const char *ground_of(struct embargo_forecast *forecast,
			     const struct embargo_subject *subject,
			     const struct embargo_answer *answer)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], value[2048], text[PATH_MAX + 16];

	switch (answer->ground) {
	case EMBARGO_GROUND_DIGEST:
		embargo_hex_format(subject->question.candidates[answer->candidate].digest.bytes,
				   EMBARGO_SHA256_SIZE, hex);
		snprintf(text, sizeof(text), "sha256 %s", hex);
		break;
	case EMBARGO_GROUND_IDENTITY:
		if (!answer->by)
			return NULL;
		snprintf(text, sizeof(text), "%s %s", embargo_identity_kind_name(answer->by->kind),
			 embargo_identity_format(answer->by, value, sizeof(value)));
		break;
	case EMBARGO_GROUND_PATH:
		snprintf(text, sizeof(text), "path %s", subject->path);
		break;
	default:
		return NULL;
	}
	return embargo_forecast_text(forecast, text);
}

static const struct embargo_rule *find_rule(const struct embargo_policy_set *set,
					    const struct embargo_reason *reason)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++)
			if (!strcmp(set->policies[i]->id, reason->policy) &&
			    !strcmp(set->policies[i]->rules[j].id, reason->rule))
				return &set->policies[i]->rules[j];
	return NULL;
}

static int add_file(struct embargo_forecast *forecast, const struct stat *status, const char *name,
		    const struct embargo_subject *subject, int64_t at,
		    const struct embargo_answer *answer, struct embargo_forecast_file **added)
{
	const struct embargo_tables *tables = &forecast->judging.tables;
	struct embargo_forecast_file *file = embargo_arena_take(forecast->arena, 1, sizeof(*file));

	if (!file || EMBARGO_FORECAST_ROOM(forecast->files))
		return -ENOMEM;
	*file = (struct embargo_forecast_file) {
		.path = embargo_forecast_text(forecast, name),
		.device = status->st_dev,
		.inode = status->st_ino,
		.kind = subject->specimen.kind,
		.operation = subject->question.operation,
		.digest = subject->question.candidates[answer->candidate].digest,
		.at = at,
		.reason = &tables->reasons[answer->decision.reason < tables->reason_count
						   ? answer->decision.reason
						   : 0],
		.identity = ground_of(forecast, subject, answer),
	};
	file->rule = find_rule(forecast->judging.set, file->reason);
	if (!file->path)
		return -ENOMEM;
	forecast->files.array[forecast->files.count++] = file;
	*added = file;
	return 0;
}

void embargo_forecast_look(struct embargo_forecast *forecast, int fd, const char *path,
			   const char *name, enum embargo_operation operation,
			   struct embargo_forecast_file **file)
{
	_cleanup_(embargo_subject_free) struct embargo_subject subject = {};
	struct embargo_answer answer;
	struct stat status;
	int64_t at = EMBARGO_FORECAST_NEVER;
	int error = fstat(fd, &status) ? -errno : 0;

	*file = NULL;
	if (!error)
		error = embargo_judging_judge(&forecast->judging, fd, path, operation, &subject,
					      &answer);
	/* A package in a folder is never run: nothing stops there. */
	if (!error && embargo_subject_is_enforced(&subject)) {
		at = embargo_forecast_date(forecast, &subject.question, &answer);
		error = embargo_forecast_object_add(forecast, &status, name, &subject);
	}
	if (!error && at != EMBARGO_FORECAST_ALREADY && at != EMBARGO_FORECAST_NEVER)
		error = add_file(forecast, &status, name, &subject, at, &answer, file);
	if (!error)
		return;
	embargo_progress_clear(&forecast->progress);
	embargo_log_error(name, "cannot be judged: %s", embargo_reading_error(error));
	forecast->failed++;
}

static void walk(struct embargo_forecast *forecast, struct embargo_inventory *inventory)
{
	struct embargo_inventory_progress progress;
	struct embargo_forecast_file *added;
	struct embargo_inventory_file file;
	int found;

	embargo_progress_start(&forecast->progress, "looking at files", 0);
	while ((found = embargo_inventory_next(inventory, &file))) {
		if (found > 0) {
			embargo_forecast_look(forecast, file.fd, file.path, file.path,
					      EMBARGO_OPERATION_UNKNOWN, &added);
			close(file.fd);
		} else if (found != -EAGAIN) {
			embargo_forecast_miss(forecast, "files: %s", strerror(-found));
			break;
		}
		embargo_inventory_progress(inventory, &progress);
		embargo_progress_tell(&forecast->progress, progress.seen, progress.expected);
	}
	embargo_progress_clear(&forecast->progress);
	embargo_inventory_progress(inventory, &progress);
	forecast->skipped = progress.skipped;
}

static void close_inventory(struct embargo_inventory **inventory)
{
	embargo_inventory_close(*inventory);
}

static int look_at_trees(struct embargo_forecast *forecast, char **paths, size_t count)
{
	_cleanup_(close_inventory) struct embargo_inventory *inventory = NULL;
	int error = embargo_inventory_open(&inventory);

	if (error)
		return error;
	embargo_inventory_give_each_name(inventory);
	if (!count)
		error = embargo_scan_roots_add_all(inventory);
	for (size_t i = 0; i < count; i++)
		if (embargo_scan_roots_add(inventory, paths[i]))
			embargo_forecast_miss(forecast, "%s could not be looked at", paths[i]);
	if (!error)
		walk(forecast, inventory);
	return error;
}

static int by_date(const void *left, const void *right)
{
	const struct embargo_forecast_file *a = *(struct embargo_forecast_file *const *)left;
	const struct embargo_forecast_file *b = *(struct embargo_forecast_file *const *)right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return strcmp(a->path, b->path);
}

int embargo_forecast_make(struct embargo_forecast *forecast, char **paths, size_t count)
{
	int error = look_at_trees(forecast, paths, count);

	if (!error)
		error = embargo_forecast_processes(forecast);
	if (!error)
		error = embargo_forecast_modules(forecast);
	if (!error)
		error = embargo_forecast_needs(forecast, !count);
	if (!error && forecast->files.count)
		qsort(forecast->files.array, forecast->files.count, sizeof(*forecast->files.array),
		      by_date);
	if (!error)
		error = embargo_forecast_units(forecast);
	if (!error)
		error = embargo_forecast_packages(forecast);
	if (!error && !count)
		error = embargo_forecast_journal(forecast);
	if (forecast->judging.is_short_of_owners)
		embargo_forecast_miss(forecast, "the installed packages could not all be read");
	if (forecast->skipped)
		embargo_forecast_miss(forecast,
				      "%" PRIu64 " files and folders may not be read by this user, "
				      "or lie too deep",
				      forecast->skipped);
	if (forecast->failed)
		embargo_forecast_miss(forecast, "%" PRIu64 " files could not be judged",
				      forecast->failed);
	return error;
}
