/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event of the kernel half: checked once when it comes in, then read field by field. */
#ifndef EMBARGO_EVENT_EVENT_H
#define EMBARGO_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

/*
 * Takes @size bytes at @data as an event. What passes has known words, strings that end in NUL, a
 * path without NUL of the stated length, and a count of at least one; so nothing that reads an
 * event later looks at a length again. @data must be aligned to 8 bytes, as the ring buffer's
 * records are; @event points into it. -EBADMSG for anything else.
 */
int embargo_event_check(const void *data, size_t size, const struct embargo_event **event);

/*
 * The same for a sighting: a path without NUL of the stated length, and a NUL behind it. -EBADMSG
 * for anything else.
 */
int embargo_sighting_check(const void *data, size_t size, const struct embargo_sighting **sighting);

/* Room for an event with any path that the kernel half may report. */
struct embargo_event *embargo_event_new(void);

#define EMBARGO_EVENT_IDENTITY_TEXT 1024

/* What the record does not hold, and user space finds out. */
struct embargo_event_findings {
	const char *cgroup;   /* its name */
	const char *identity; /* "KIND VALUE": what a learned digest was learned by; "" is none */
};

/* Enough for each field's text: a path of EMBARGO_PATH_LONG is the longest. */
#define EMBARGO_EVENT_FIELD_TEXT (EMBARGO_PATH_LONG + 1)

/* How a field's text is to be taken by one who writes it in a typed language. */
enum embargo_field_type {
	EMBARGO_FIELD_TEXT,   /* valid UTF-8, or empty for "none" */
	EMBARGO_FIELD_BYTES,  /* a path: any byte but NUL */
	EMBARGO_FIELD_NUMBER, /* decimal, or empty for "none" */
	EMBARGO_FIELD_FLAG,   /* "1" or empty */
	EMBARGO_FIELD_WAIVER, /* text as above, of the waiver: none of it where there was none */
};

struct embargo_field {
	const char
		*name; /* the key in JSON; the journal's field is EMBARGO_ and this in capitals */
	enum embargo_field_type type;
	unsigned short form; /* how the record holds it, and where: for fields.c alone */
	unsigned short offset, size;
};

/* The fields in the order in which they are told; ends with a NULL name. */
extern const struct embargo_field embargo_event_fields[];

/* The text of field @index of @event; "" is none. Returns its length. */
size_t embargo_event_field_get(const struct embargo_event *event, size_t index,
			       char text[static EMBARGO_EVENT_FIELD_TEXT]);

/* Puts what embargo_event_field_get() gave back into @event. -EINVAL, and no change, when @text is
 * no such value. @event has room as embargo_event_new() makes it. */
int embargo_event_field_set(struct embargo_event *event, size_t index, const char *text,
			    size_t length);

/* Why there is no digest, in words, or NULL where there is one or none was needed. */
const char *embargo_event_digest_reason(const struct embargo_event *event,
					char text[static EMBARGO_EVENT_FIELD_TEXT]);

#endif
