// SPDX-License-Identifier: GPL-2.0-or-later
/* The fields of an event as text and back: one table for JSON, the journal and its reader. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/hex.h"
#include "loader/event/event.h"
#include "loader/model/names.h"
#include "loader/model/signer.h"
#include "loader/model/time.h"

/* How the record holds a field. */
enum form {
	TIME,	/* s64 of ns: RFC 3339 with microseconds, UTC; 0 is none */
	U64,	/* decimal */
	U32,	/* decimal */
	UID,	/* u32; all bits set is none */
	WORD,	/* u32, an enumeration with names */
	FLAG,	/* a bit of `flags` */
	DIGEST, /* 32 bytes; told only where `flags` says that it is one */
	ERROR,	/* s32; told only where the digest could not be had */
	DEVICE, /* u32 in the kernel's form: "MAJOR:MINOR" */
	STRING, /* characters with a NUL at the end */
	SIGNER, /* a signer's key; told only where `flags` says that it decided */
	PATH,	/* the same, and its length in `path_length` */
};

#define DEVICE_MINOR_BITS 20
#define NO_UID		  UINT32_MAX
#define MEMBER(member)                                    \
	.offset = offsetof(struct embargo_event, member), \
	.size = sizeof(((struct embargo_event *)NULL)->member)
#define TEXT(as)   EMBARGO_FIELD_TEXT, as
#define NUMBER(as) EMBARGO_FIELD_NUMBER, as
/* `size` holds the bit, as the member is always `flags`. */
#define BIT(flag) \
	EMBARGO_FIELD_FLAG, FLAG, .offset = offsetof(struct embargo_event, flags), .size = (flag)

const struct embargo_field embargo_event_fields[] = {
	{ "time", TEXT(TIME), MEMBER(time) },
	{ "verdict", TEXT(WORD), MEMBER(verdict) },
	{ "operation", TEXT(WORD), MEMBER(operation) },
	{ "path", EMBARGO_FIELD_BYTES, PATH, .offset = offsetof(struct embargo_event, path),
	  .size = EMBARGO_PATH_LONG },
	{ "sha256", TEXT(DIGEST), MEMBER(digest) },
	{ "policy", TEXT(STRING), MEMBER(reason.policy) },
	{ "rule", TEXT(STRING), MEMBER(reason.rule) },
	{ "vendor", TEXT(STRING), MEMBER(reason.vendor) },
	{ "authority", TEXT(STRING), MEMBER(reason.authority) },
	{ "cite", TEXT(STRING), MEMBER(reason.cite) },
	{ "action", TEXT(WORD), MEMBER(action) },
	{ "since", TEXT(TIME), MEMBER(since) },
	{ "waiver_ticket", EMBARGO_FIELD_WAIVER, STRING, MEMBER(ticket) },
	{ "waiver_until", EMBARGO_FIELD_WAIVER, TIME, MEMBER(waived_until) },
	{ "new", BIT(EMBARGO_EVENT_NEW) },
	{ "exempt", BIT(EMBARGO_EVENT_EXEMPT) },
	{ "evasion", BIT(EMBARGO_EVENT_EVASION) },
	{ "path_rule", BIT(EMBARGO_EVENT_PATH) },
	{ "learned", BIT(EMBARGO_EVENT_LEARNED) },
	{ "identity", TEXT(SIGNER), MEMBER(signer) },
	{ "digest_error", NUMBER(ERROR), MEMBER(error) },
	{ "count", NUMBER(U64), MEMBER(count) },
	{ "pid", NUMBER(U32), MEMBER(pid) },
	{ "ppid", NUMBER(U32), MEMBER(ppid) },
	{ "uid", NUMBER(UID), MEMBER(uid) },
	{ "auid", NUMBER(UID), MEMBER(auid) },
	{ "comm", EMBARGO_FIELD_BYTES, STRING, MEMBER(comm) },
	{ "size", NUMBER(U64), MEMBER(size) },
	{ "device", TEXT(DEVICE), MEMBER(device) },
	{ "inode", NUMBER(U64), MEMBER(inode) },
	{ "cgroup_id", NUMBER(U64), MEMBER(cgroup) },
	{ "generation", NUMBER(U64), MEMBER(generation) },
	{ .name = NULL },
};

static const char *word_of(size_t offset, __u32 value)
{
	if (offset == offsetof(struct embargo_event, verdict))
		return embargo_verdict_name(value);
	if (offset == offsetof(struct embargo_event, operation))
		return embargo_operation_name(value);
	return embargo_action_name(value);
}

static __u32 value_of(size_t offset, const char *word)
{
	if (offset == offsetof(struct embargo_event, operation))
		return embargo_operation_parse(word);
	if (offset == offsetof(struct embargo_event, action))
		return embargo_action_parse(word);
	for (__u32 i = EMBARGO_VERDICT_UNKNOWN + 1; i < EMBARGO_VERDICT_COUNT; i++)
		if (!strcmp(embargo_verdict_name(i), word))
			return i;
	return EMBARGO_VERDICT_UNKNOWN;
}

static size_t get_time(__s64 ns, char *text)
{
	int64_t below = ns % EMBARGO_SECOND_NS;
	size_t length;

	if (below < 0)
		below += EMBARGO_SECOND_NS;
	length = strlen(embargo_time_format(ns, text, EMBARGO_TIME_TEXT));
	if (!below)
		return length;
	return length - 1 + sprintf(text + length - 1, ".%06dZ", (int)(below / 1000));
}

size_t embargo_event_field_get(const struct embargo_event *event, size_t index,
			       char text[static EMBARGO_EVENT_FIELD_TEXT])
{
	const struct embargo_field *field = &embargo_event_fields[index];
	const void *member = (const char *)event + field->offset;
	const __u32 *u32 = member;

	text[0] = 0;
	switch ((enum form)field->form) {
	case TIME:
		return *(const __s64 *)member ? get_time(*(const __s64 *)member, text) : 0;
	case U64:
		return sprintf(text, "%" PRIu64, (uint64_t) * (const __u64 *)member);
	case U32:
		return sprintf(text, "%u", *u32);
	case UID:
		return *u32 == NO_UID ? 0 : sprintf(text, "%u", *u32);
	case WORD:
		return sprintf(text, "%s", word_of(field->offset, *u32));
	case FLAG:
		return event->flags & field->size ? sprintf(text, "1") : 0;
	case DIGEST:
		if (!(event->flags & EMBARGO_EVENT_DIGEST))
			return 0;
		return strlen(embargo_hex_format(member, EMBARGO_SHA256_SIZE, text));
	case ERROR:
		return event->flags & EMBARGO_EVENT_NO_DIGEST
			       ? sprintf(text, "%d", *(const __s32 *)member)
			       : 0;
	case DEVICE:
		return sprintf(text, "%u:%u", *u32 >> DEVICE_MINOR_BITS,
			       *u32 & ((1U << DEVICE_MINOR_BITS) - 1));
	case STRING:
		return sprintf(text, "%s", (const char *)member);
	case SIGNER:
		return event->flags & EMBARGO_EVENT_SIGNER ? embargo_signer_key_format(member, text)
							   : 0;
	case PATH:
		memcpy(text, event->path, event->path_length + 1);
		return event->path_length;
	}
	return 0;
}

static int set_unsigned(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno || *end || *value > most ? -EINVAL : 0;
}

static int set_device(const char *text, __u32 *device)
{
	unsigned int major, minor;
	char rest;

	if (sscanf(text, "%u:%u%c", &major, &minor, &rest) != 2 || major >> 12 ||
	    minor >> DEVICE_MINOR_BITS)
		return -EINVAL;
	*device = major << DEVICE_MINOR_BITS | minor;
	return 0;
}

static int set_word(const struct embargo_field *field, const char *text, __u32 *word)
{
	__u32 value = value_of(field->offset, text);

	if (!value)
		return -EINVAL;
	*word = value;
	return 0;
}

static int set_error(const char *text, __s32 *error)
{
	uint64_t value;
	int is_negative = *text == '-';

	if (set_unsigned(text + is_negative, INT32_MAX, &value))
		return -EINVAL;
	*error = is_negative ? -(__s32)value : (__s32)value;
	return 0;
}

/* "" where the field was none: what zeroed memory says already, but for a login uid. */
static int set_none(struct embargo_event *event, const struct embargo_field *field)
{
	void *member = (char *)event + field->offset;

	switch ((enum form)field->form) {
	case TIME:
		*(__s64 *)member = 0;
		return 0;
	case UID:
		*(__u32 *)member = NO_UID;
		return 0;
	case FLAG:
		event->flags &= ~(__u32)field->size;
		return 0;
	case DIGEST:
		event->flags &= ~(__u32)EMBARGO_EVENT_DIGEST;
		return 0;
	case ERROR:
		event->flags &= ~(__u32)EMBARGO_EVENT_NO_DIGEST;
		return 0;
	case SIGNER:
		event->flags &= ~(__u32)EMBARGO_EVENT_SIGNER;
		return 0;
	case PATH:
		event->path_length = 0;
		event->path[0] = 0;
		return 0;
	case STRING:
		memset(member, 0, field->size);
		return 0;
	default:
		return -EINVAL;
	}
}

static int set_some(struct embargo_event *event, const struct embargo_field *field,
		    const char *text, size_t length)
{
	void *member = (char *)event + field->offset;
	uint64_t value;
	int64_t ns;

	switch ((enum form)field->form) {
	case TIME:
		if (embargo_time_parse(text, &ns))
			return -EINVAL;
		*(__s64 *)member = ns;
		return 0;
	case U64:
		if (set_unsigned(text, UINT64_MAX, &value))
			return -EINVAL;
		*(__u64 *)member = value;
		return 0;
	case U32:
	case UID:
		if (set_unsigned(text, UINT32_MAX, &value))
			return -EINVAL;
		*(__u32 *)member = value;
		return 0;
	case WORD:
		return set_word(field, text, member);
	case FLAG:
		if (strcmp(text, "1"))
			return -EINVAL;
		event->flags |= field->size;
		return 0;
	case DIGEST:
		if (length != 2 * EMBARGO_SHA256_SIZE ||
		    embargo_hex_parse(text, member, EMBARGO_SHA256_SIZE))
			return -EINVAL;
		event->flags |= EMBARGO_EVENT_DIGEST;
		return 0;
	case ERROR:
		if (set_error(text, member))
			return -EINVAL;
		event->flags |= EMBARGO_EVENT_NO_DIGEST;
		return 0;
	case DEVICE:
		return set_device(text, member);
	case SIGNER:
		if (embargo_signer_key_parse(text, member))
			return -EINVAL;
		event->flags |= EMBARGO_EVENT_SIGNER;
		return 0;
	case PATH:
	case STRING:
		if (length >= field->size)
			return -EINVAL;
		memcpy(member, text, length + 1);
		if (field->form == PATH)
			event->path_length = length;
		return 0;
	}
	return -EINVAL;
}

int embargo_event_field_set(struct embargo_event *event, size_t index, const char *text,
			    size_t length)
{
	const struct embargo_field *field = &embargo_event_fields[index];

	if (strnlen(text, length + 1) != length)
		return -EINVAL;
	return length ? set_some(event, field, text, length) : set_none(event, field);
}

const char *embargo_event_digest_reason(const struct embargo_event *event,
					char text[static EMBARGO_EVENT_FIELD_TEXT])
{
	if (!(event->flags & EMBARGO_EVENT_NO_DIGEST))
		return NULL;
	snprintf(text, EMBARGO_EVENT_FIELD_TEXT, "its digest cannot be had%s%s",
		 event->error ? ": " : "", event->error ? strerror(abs(event->error)) : "");
	return text;
}
