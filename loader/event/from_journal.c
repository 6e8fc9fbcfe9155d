// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the journal: each entry's fields put back into the record that they came from. */
#include "loader/event/from_journal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "loader/base/cleanup.h"
#include "loader/event/to_journal.h"
#include "loader/model/time.h"

struct embargo_journal_reader {
	sd_journal *journal;
};

/* The value of @name in the entry, or "". A journal file may hold what no event ever held. */
static size_t get(sd_journal *journal, const char *name, char *text, size_t size)
{
	char capitals[64];
	const void *data;
	size_t length, prefix;

	text[0] = 0;
	prefix = snprintf(capitals, sizeof(capitals), EMBARGO_JOURNAL_PREFIX "%s", name) + 1;
	for (size_t i = 0; capitals[i]; i++)
		capitals[i] = toupper((unsigned char)capitals[i]);
	if (sd_journal_get_data(journal, capitals, &data, &length) < 0 || length < prefix ||
	    length - prefix >= size)
		return 0;
	length -= prefix;
	memcpy(text, (const char *)data + prefix, length);
	text[length] = 0;
	return length;
}

/* -EBADMSG: the entry is no event. */
static int read_entry(sd_journal *journal, struct embargo_event *event,
		      struct embargo_journal_findings *findings)
{
	char text[EMBARGO_EVENT_FIELD_TEXT];
	const struct embargo_event *checked;
	size_t length;

	memset(event, 0, sizeof(*event) + 1); /* and the path that follows */
	event->count = 1;
	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		length = get(journal, embargo_event_fields[i].name, text, sizeof(text));
		embargo_event_field_set(event, i, text, length);
	}
	get(journal, "cgroup", findings->cgroup, sizeof(findings->cgroup));
	get(journal, "identity", findings->identity, sizeof(findings->identity));
	return embargo_event_check(event, sizeof(*event) + EMBARGO_PATH_LONG, &checked);
}

static int match(sd_journal *journal)
{
	static const char *const matches[] = {
		"_UID=0",
		"MESSAGE_ID=" EMBARGO_MESSAGE_DENIED,
		"MESSAGE_ID=" EMBARGO_MESSAGE_AUDITED,
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(matches) && error >= 0; i++)
		error = sd_journal_add_match(journal, matches[i], 0);
	return error;
}

/* A user who may not read gets an open journal without a file in it. */
static int expect_files(sd_journal *journal)
{
	uint64_t bytes = 0;

	if (sd_journal_get_usage(journal, &bytes) < 0 || bytes)
		return 0;
	return geteuid() ? -EACCES : -ENOENT;
}

static int seek(sd_journal *journal, int64_t since)
{
	if (since == INT64_MIN)
		return sd_journal_seek_head(journal);
	return sd_journal_seek_realtime_usec(journal, since < 0 ? 0 : since / 1000);
}

int embargo_journal_reader_open(int64_t since, struct embargo_journal_reader **reader)
{
	_cleanup_(embargo_journal_reader_cleanup) struct embargo_journal_reader *made =
		calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	error = sd_journal_open(&made->journal, SD_JOURNAL_LOCAL_ONLY);
	if (error < 0)
		return error;
	error = expect_files(made->journal);
	if (error < 0)
		return error;
	error = match(made->journal);
	if (error < 0)
		return error;
	error = seek(made->journal, since);
	if (error < 0)
		return error;
	*reader = TAKE_PTR(made);
	return 0;
}

void embargo_journal_reader_close(struct embargo_journal_reader *reader)
{
	if (!reader)
		return;
	sd_journal_close(reader->journal);
	free(reader);
}

int embargo_journal_reader_next(struct embargo_journal_reader *reader, struct embargo_event *event,
				struct embargo_journal_findings *findings)
{
	int found;

	while ((found = sd_journal_next(reader->journal)) > 0)
		if (!read_entry(reader->journal, event, findings))
			return 1;
	return found;
}

int embargo_journal_reader_wait(struct embargo_journal_reader *reader)
{
	int changed = sd_journal_wait(reader->journal, UINT64_MAX);

	return changed < 0 ? changed : 0;
}
