// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a record of the kernel half's rings, told in each way that the daemon and
 * `events` tell it, and read back. Build with libFuzzer. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "loader/event/event.h"
#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "loader/event/repeat.h"
#include "loader/event/to_journal.h"
#include "loader/event/to_terminal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More fields than an entry has. */
#define FIELDS 64

/* What others chose moves no cursor. */
static void check_line(const struct embargo_line *line)
{
	if (line->length >= sizeof(line->text) || strlen(line->text) != line->length)
		abort();
	for (size_t i = 0; i < line->length; i++)
		if (iscntrl((unsigned char)line->text[i]))
			abort();
}

static void check_json(const struct embargo_event *event,
		       const struct embargo_event_findings *findings)
{
	json_t *object = embargo_format_json(event, findings);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	json_t *again = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (!again || !json_equal(object, again))
		abort();
	json_decref(again);
	json_decref(object);
	free(text);
}

/* "NAME=value\n" or "NAME\n", 64 bits of length, value, "\n"; returns what is behind it. */
static const char *take_field(const char *entry, const char *end, char name[static 64])
{
	const char *stop = entry;
	uint64_t length;

	while (stop < end && *stop != '=' && *stop != '\n')
		stop++;
	if (stop == end || stop == entry || stop - entry >= 64)
		abort();
	memcpy(name, entry, (size_t)(stop - entry));
	name[stop - entry] = '\0';
	if (*stop == '=') {
		stop = memchr(stop, '\n', (size_t)(end - stop));
		if (!stop)
			abort();
		return stop + 1;
	}
	if (end - ++stop < 8)
		abort();
	memcpy(&length, stop, 8);
	stop += 8;
	if (length >= (uint64_t)(end - stop) || stop[length] != '\n')
		abort();
	return stop + length + 1;
}

/* Each field once, in capitals: no path forges another. */
static void check_entry(const char *entry, size_t size)
{
	char names[FIELDS][64];
	const char *end = entry + size;
	size_t count = 0;

	while (entry < end) {
		if (count == FIELDS)
			abort();
		entry = take_field(entry, end, names[count]);
		for (const char *at = names[count]; *at; at++)
			if (!isupper((unsigned char)*at) && !isdigit((unsigned char)*at) &&
			    *at != '_')
				abort();
		for (size_t i = 0; i < count; i++)
			if (!strcmp(names[i], names[count]))
				abort();
		count++;
	}
}

static void check_journal(const struct embargo_event *event,
			  const struct embargo_event_findings *findings)
{
	static int sockets[2] = { -1, -1 };
	static char entry[256 << 10];
	ssize_t length;

	if (sockets[0] < 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets))
		abort();
	if (embargo_journal_send_event(sockets[0], event, findings))
		abort();
	length = recv(sockets[1], entry, sizeof(entry), MSG_DONTWAIT);
	if (length <= 0)
		abort();
	check_entry(entry, (size_t)length);
}

/* As from_journal.c puts together what was told: an event again, by the same check, of the same
 * path. */
static void check_fields(const struct embargo_event *event)
{
	struct embargo_event *copy = embargo_event_new();
	const struct embargo_event *checked;
	char text[EMBARGO_EVENT_FIELD_TEXT];

	if (!copy)
		abort();
	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		size_t length = embargo_event_field_get(event, i, text);

		if (length >= sizeof(text) || strlen(text) != length)
			abort();
		embargo_event_field_set(copy, i, text, length);
	}
	if (embargo_event_check(copy, sizeof(*copy) + EMBARGO_PATH_LONG, &checked) ||
	    strcmp(copy->path, event->path))
		abort();
	embargo_event_digest_reason(event, text);
	free(copy);
}

static void check_repeats(const struct embargo_event *event)
{
	static struct embargo_repeat_cache cache;
	const struct embargo_recent_key key = {
		.generation = event->generation,
		.uid = event->uid,
		.operation = event->operation,
		.verdict = event->verdict,
	};
	struct embargo_event *told = embargo_event_new();
	struct embargo_line line = { .length = 0 };

	if (!told)
		abort();
	embargo_repeat_remember(&cache, event);
	embargo_repeat_tell(&cache, &key, &event->reason, NULL, 2, event->time, told);
	embargo_format_report(told, &line);
	check_line(&line);
	embargo_repeat_forget(&cache);
	free(told);
}

static void tell(const struct embargo_event *event)
{
	const struct embargo_event_findings findings = { event->comm, event->reason.vendor };
	struct embargo_line line = { .length = 0 };

	embargo_format_report(event, &line);
	check_line(&line);
	line.length = 0;
	embargo_format_notice(event, &line);
	check_line(&line);
	embargo_terminal_concerns(event);
	check_json(event, &findings);
	check_journal(event, &findings);
	check_fields(event);
	check_repeats(event);
}

/* A block of just that size, aligned as the ring's records are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct embargo_sighting *sighting;
	const struct embargo_event *event;
	void *record = malloc(size ? size : 1);

	if (!record)
		abort();
	memcpy(record, data, size);
	if (!embargo_event_check(record, size, &event))
		tell(event);
	if (!embargo_sighting_check(record, size, &sighting) &&
	    strlen(sighting->path) != sighting->path_length)
		abort();
	free(record);
	return 0;
}
