// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast, for people by date and as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/cli/forecast.h"
#include "loader/json/json.h"
#include "loader/model/time.h"

static void print_text(const char *text)
{
	char printable[PATH_MAX + 64];

	fputs(embargo_utf8_printable(text, printable, sizeof(printable)), stdout);
}

static void print_reason(const struct embargo_reason *reason)
{
	printf("  rule %s of %s", reason->rule, reason->policy);
	if (reason->authority[0])
		printf(", %s: %s", reason->authority, reason->cite);
	putchar('\n');
}

static const char *word_for(const struct embargo_forecast_file *file)
{
	return file->operation == EMBARGO_OPERATION_MODULE ? "module " : "program";
}

static void print_file(const struct embargo_forecast_file *file)
{
	printf("  %s ", word_for(file));
	print_text(file->path);
	print_reason(file->reason);
	if (file->identity) {
		fputs("            by ", stdout);
		print_text(file->identity);
		putchar('\n');
	}
	if (file->module)
		printf("            is loaded as %s, and stays so\n", file->module);
	for (const struct embargo_forecast_process *process = file->processes; process;
	     process = process->next) {
		printf("            %s process %d (",
		       process->is_mapped ? "is mapped by" : "runs as", process->pid);
		print_text(process->name);
		printf(")%s%s, which %s\n", process->unit ? " of " : "",
		       process->unit ? process->unit : "",
		       file->rule && file->rule->terminates ? "is ended" : "goes on until it ends");
	}
}

static void print_need(const struct embargo_forecast_need *need)
{
	fputs("  program ", stdout);
	print_text(need->object->path);
	fputs("  needs ", stdout);
	print_text(need->name);
	fputs(", which is denied\n", stdout);
	if (strcmp(need->denied, need->name)) {
		fputs("            ", stdout);
		print_text(need->denied);
		putchar('\n');
	}
	if (strcmp(need->by, need->object->path)) {
		fputs("            is asked for by ", stdout);
		print_text(need->by);
		putchar('\n');
	}
}

static void print_date(const struct embargo_forecast *forecast, int64_t at)
{
	char text[EMBARGO_TIME_TEXT];

	printf("%s\n", embargo_time_format(at, text, sizeof(text)));
	for (size_t i = 0; i < forecast->files.count; i++)
		if (forecast->files.array[i]->at == at)
			print_file(forecast->files.array[i]);
	for (size_t i = 0; i < forecast->needs.count; i++)
		if (forecast->needs.array[i]->at == at)
			print_need(forecast->needs.array[i]);
	for (size_t i = 0; i < forecast->units.count; i++) {
		const struct embargo_forecast_unit *unit = &forecast->units.array[i];

		if (unit->at != at)
			continue;
		printf("  service %s  by its %s ", unit->name, unit->by);
		print_text(unit->program);
		if (unit->need) {
			fputs(", which needs ", stdout);
			print_text(unit->need->name);
		}
		putchar('\n');
	}
	for (size_t i = 0; i < forecast->packages.count; i++) {
		const struct embargo_forecast_package *package = &forecast->packages.array[i];

		if (package->at == at)
			printf("  package %s%s%s  %zu file%s\n", package->name,
			       package->version ? " " : "",
			       package->version ? package->version : "", package->files,
			       package->files == 1 ? "" : "s");
	}
	for (size_t i = 0; i < forecast->seen.count; i++) {
		const struct embargo_forecast_seen *seen = &forecast->seen.array[i];

		if (seen->at != at)
			continue;
		fputs("  seen    ", stdout);
		print_text(seen->path);
		printf("  %" PRIu64 " times, last %s", seen->count,
		       embargo_time_format(seen->last, text, sizeof(text)));
		print_reason(seen->reason);
	}
}

static int by_number(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

int embargo_forecast_print(const struct embargo_forecast *forecast)
{
	size_t count = 0;
	_cleanup_free_
	int64_t *dates =
		calloc(forecast->files.count + forecast->needs.count + forecast->seen.count + 1,
		       sizeof(*dates));

	if (!dates)
		return -ENOMEM;
	for (size_t i = 0; i < forecast->files.count; i++)
		dates[count++] = forecast->files.array[i]->at;
	for (size_t i = 0; i < forecast->needs.count; i++)
		dates[count++] = forecast->needs.array[i]->at;
	for (size_t i = 0; i < forecast->seen.count; i++)
		dates[count++] = forecast->seen.array[i].at;
	qsort(dates, count, sizeof(*dates), by_number);
	for (size_t i = 0; i < count; i++)
		if (!i || dates[i] != dates[i - 1])
			print_date(forecast, dates[i]);
	if (!count)
		puts("nothing stops that does not stop now");
	return 0;
}

static int set_reason(json_t *object, const struct embargo_reason *reason)
{
	int failed = embargo_json_set_text(object, "policy", reason->policy);

	failed |= embargo_json_set_text(object, "rule", reason->rule);
	failed |= embargo_json_set_text(object, "vendor", reason->vendor);
	failed |= embargo_json_set_text(object, "authority",
					reason->authority[0] ? reason->authority : NULL);
	failed |= embargo_json_set_text(object, "cite", reason->cite[0] ? reason->cite : NULL);
	return failed;
}

static json_t *processes_json(const struct embargo_forecast_file *file, int *failed)
{
	json_t *array = json_array();

	for (const struct embargo_forecast_process *process = file->processes; process;
	     process = process->next) {
		json_t *object = json_object();

		*failed |= embargo_json_set_number(object, "pid", (uint64_t)process->pid);
		*failed |= embargo_json_set_text(object, "name", process->name);
		*failed |= embargo_json_set_text(object, "unit", process->unit);
		*failed |= embargo_json_set(object, "mapped", json_boolean(process->is_mapped));
		*failed |= embargo_json_set(object, "ended",
					    json_boolean(file->rule && file->rule->terminates));
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *files_json(const struct embargo_forecast *forecast, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < forecast->files.count; i++) {
		const struct embargo_forecast_file *file = forecast->files.array[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", file->at);
		*failed |= embargo_json_set_path(object, "path", file->path);
		*failed |= embargo_json_set_text(object, "kind", embargo_kind_name(file->kind));
		*failed |= embargo_json_set_text(object, "operation",
						 embargo_operation_name(file->operation));
		*failed |= embargo_json_set_hex(object, "sha256", file->digest.bytes,
						sizeof(file->digest.bytes));
		*failed |= set_reason(object, file->reason);
		*failed |= embargo_json_set_text(object, "identity", file->identity);
		*failed |= embargo_json_set_text(object, "loaded", file->module);
		*failed |= embargo_json_set(object, "processes", processes_json(file, failed));
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *needs_json(const struct embargo_forecast *forecast, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < forecast->needs.count; i++) {
		const struct embargo_forecast_need *need = forecast->needs.array[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", need->at);
		*failed |= embargo_json_set_path(object, "path", need->object->path);
		*failed |= embargo_json_set_path(object, "needs", need->name);
		*failed |= embargo_json_set_path(object, "denied", need->denied);
		*failed |= embargo_json_set_path(object, "by", need->by);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *units_json(const struct embargo_forecast *forecast, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < forecast->units.count; i++) {
		const struct embargo_forecast_unit *unit = &forecast->units.array[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", unit->at);
		*failed |= embargo_json_set_text(object, "unit", unit->name);
		*failed |= embargo_json_set_text(object, "by", unit->by);
		*failed |= embargo_json_set_path(object, "program", unit->program);
		*failed |= embargo_json_set_text(object, "needs",
						 unit->need ? unit->need->name : NULL);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *packages_json(const struct embargo_forecast *forecast, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < forecast->packages.count; i++) {
		const struct embargo_forecast_package *package = &forecast->packages.array[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", package->at);
		*failed |= embargo_json_set_text(object, "package", package->name);
		*failed |= embargo_json_set_text(object, "version", package->version);
		*failed |= embargo_json_set_number(object, "files", package->files);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

static json_t *seen_json(const struct embargo_forecast *forecast, int *failed)
{
	json_t *array = json_array();

	for (size_t i = 0; i < forecast->seen.count; i++) {
		const struct embargo_forecast_seen *seen = &forecast->seen.array[i];
		json_t *object = json_object();

		*failed |= embargo_json_set_time(object, "at", seen->at);
		*failed |= embargo_json_set_path(object, "path", seen->path);
		*failed |= embargo_json_set_hex(object, "sha256", seen->digest.bytes,
						sizeof(seen->digest.bytes));
		*failed |= set_reason(object, seen->reason);
		*failed |= embargo_json_set_number(object, "count", seen->count);
		*failed |= embargo_json_set_time(object, "last", seen->last);
		*failed |= json_array_append_new(array, object);
	}
	return array;
}

int embargo_forecast_print_json(const struct embargo_forecast *forecast)
{
	_cleanup_json_ json_t *object = json_object();
	json_t *missing = json_array();
	int failed = embargo_json_set_time(object, "now", forecast->judging.at);

	if (forecast->until == INT64_MAX)
		failed |= embargo_json_set_text(object, "until", NULL);
	else
		failed |= embargo_json_set_time(object, "until", forecast->until);
	failed |= embargo_json_set(object, "complete", json_boolean(!forecast->missing_count));
	for (size_t i = 0; i < forecast->missing_count; i++)
		if (forecast->missing[i])
			failed |= json_array_append_new(missing, json_string(forecast->missing[i]));
	failed |= embargo_json_set(object, "missing", missing);
	failed |= embargo_json_set_number(object, "read", forecast->judging.read);
	failed |= embargo_json_set_number(object, "remembered", forecast->judging.remembered);
	failed |= embargo_json_set(object, "files", files_json(forecast, &failed));
	failed |= embargo_json_set(object, "needs", needs_json(forecast, &failed));
	failed |= embargo_json_set(object, "units", units_json(forecast, &failed));
	failed |= embargo_json_set(object, "packages", packages_json(forecast, &failed));
	failed |= embargo_json_set(object, "seen", seen_json(forecast, &failed));
	return failed ? -ENOMEM : embargo_json_print(object, stdout);
}
