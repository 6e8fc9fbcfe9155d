// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries for the journal: put together in one datagram, sent without waiting. */
#include "loader/event/to_journal.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "loader/base/cleanup.h"
#include "loader/event/format.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* The message, the path, and some forty short fields; far below what one datagram may hold. */
#define ENTRY_SIZE (EMBARGO_LINE_SIZE + EMBARGO_PATH_LONG + 8192)

struct entry {
	size_t length;
	char bytes[ENTRY_SIZE];
};

static void add_raw(struct entry *entry, const void *bytes, size_t length)
{
	memcpy(entry->bytes + entry->length, bytes, length);
	entry->length += length;
}

/*
 *   NAME '=' value '\n'                             where the value has no newline
 *   NAME '\n' length (64 bits, little) value '\n'   else: a file name cannot forge a field
 * A field that does not fit is left out whole.
 */
static void add_field(struct entry *entry, const char *name, const char *value, size_t length)
{
	uint64_t size = htole64(length);

	if (strlen(name) + sizeof(size) + length + 2 > sizeof(entry->bytes) - entry->length)
		return;
	add_raw(entry, name, strlen(name));
	if (memchr(value, '\n', length)) {
		add_raw(entry, "\n", 1);
		add_raw(entry, &size, sizeof(size));
	} else {
		add_raw(entry, "=", 1);
	}
	add_raw(entry, value, length);
	add_raw(entry, "\n", 1);
}

static void add_text(struct entry *entry, const char *name, const char *value)
{
	add_field(entry, name, value, strlen(value));
}

static void add_number(struct entry *entry, const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	add_text(entry, name, text);
}

static void add_own_field(struct entry *entry, const char *name, const char *value, size_t length)
{
	char capitals[64];
	size_t i;

	snprintf(capitals, sizeof(capitals), EMBARGO_JOURNAL_PREFIX "%s", name);
	for (i = 0; capitals[i]; i++)
		capitals[i] = toupper((unsigned char)capitals[i]);
	add_field(entry, capitals, value, length);
}

static void start(struct entry *entry, int priority, const char *id, const char *message)
{
	entry->length = 0;
	add_text(entry, "MESSAGE", message);
	add_text(entry, "MESSAGE_ID", id);
	add_number(entry, "PRIORITY", priority);
	add_text(entry, "SYSLOG_IDENTIFIER", "embargo");
	add_number(entry, "SYSLOG_FACILITY", LOG_AUTHPRIV >> 3);
	add_number(entry, "SYSLOG_PID", getpid());
}

static int send_entry(int fd, const struct entry *entry)
{
	return send(fd, entry->bytes, entry->length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Not connected for good: journald makes its socket anew when it is restarted by hand. */
int embargo_journal_connect(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return TAKE_FD(fd);
}

int embargo_journal_send_event(int fd, const struct embargo_event *event,
			       const struct embargo_event_findings *findings)
{
	bool denied = event->verdict == EMBARGO_VERDICT_DENY;
	char text[EMBARGO_EVENT_FIELD_TEXT];
	struct embargo_line line;
	struct entry entry;
	size_t length;

	embargo_format_report(event, &line);
	start(&entry, denied ? LOG_WARNING : LOG_NOTICE,
	      denied ? EMBARGO_MESSAGE_DENIED : EMBARGO_MESSAGE_AUDITED, line.text);
	/* What journald knows of the process that offended, as far as it still lives. */
	add_number(&entry, "OBJECT_PID", event->pid);
	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		length = embargo_event_field_get(event, i, text);
		if (length)
			add_own_field(&entry, embargo_event_fields[i].name, text, length);
	}
	if (!(event->flags & EMBARGO_EVENT_SIGNER) && findings->identity[0])
		add_own_field(&entry, "identity", findings->identity, strlen(findings->identity));
	add_own_field(&entry, "cgroup", findings->cgroup, strlen(findings->cgroup));
	return send_entry(fd, &entry);
}

int embargo_journal_send_message(int fd, int priority, const char *id, const char *text)
{
	struct entry entry;

	start(&entry, priority, id, text);
	return send_entry(fd, &entry);
}
