// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any fields of an entry of the journal, whose file may be damaged, read as `events` reads
 * them and told as it tells them. Build with libFuzzer. */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-journal.h>

/* libsystemd finds fields in its own files; what it hands on is any bytes behind "NAME=". */
static int hand_on(sd_journal *journal, const char *name, const void **data, size_t *length);
#define sd_journal_get_data hand_on
#include "loader/event/from_journal.c"
#undef sd_journal_get_data

#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "loader/event/repeat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that the entry has: "NAME=value", between them a byte that no name has. */
#define BETWEEN 0x1e
static const uint8_t *entry, *entry_end;

static int hand_on(sd_journal *journal, const char *name, const void **data, size_t *length)
{
	const size_t wanted = strlen(name);
	const uint8_t *next;

	(void)journal;
	for (const uint8_t *at = entry; at < entry_end; at = next + 1) {
		next = memchr(at, BETWEEN, (size_t)(entry_end - at));
		if (!next)
			next = entry_end;
		if ((size_t)(next - at) <= wanted || memcmp(at, name, wanted) || at[wanted] != '=')
			continue;
		*data = at;
		*length = (size_t)(next - at);
		return 0;
	}
	return -ENOENT;
}

static void tell(const struct embargo_event *event, const struct embargo_journal_findings *found)
{
	const struct embargo_event_findings findings = { found->cgroup, found->identity };
	struct embargo_line line = { .length = 0 };
	json_t *object = embargo_format_json(event, &findings);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (!text)
		abort();
	embargo_format_report(event, &line);
	if (line.length >= sizeof(line.text) || strlen(line.text) != line.length)
		abort();
	for (size_t i = 0; i < line.length; i++)
		if (iscntrl((unsigned char)line.text[i]))
			abort();
	json_decref(object);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embargo_event *event = embargo_event_new();
	struct embargo_journal_findings findings;
	uint8_t *copy = malloc(size ? size : 1);

	if (!event || !copy)
		abort();
	memcpy(copy, data, size);
	entry = copy;
	entry_end = copy + size;
	if (!read_entry(NULL, event, &findings))
		tell(event, &findings);
	free(copy);
	free(event);
	return 0;
}
