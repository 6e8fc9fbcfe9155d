/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stanzas: "Field: value" lines as Debian's control files have them. */
#ifndef EMBARGO_TEXT_STANZA_H
#define EMBARGO_TEXT_STANZA_H

#include <stdbool.h>
#include <stddef.h>

/* A text within a larger one; no NUL ends it. */
struct embargo_span {
	const char *text;
	size_t length;
};

struct embargo_field {
	struct embargo_span name;
	struct embargo_span value; /* of its first line, without spaces around it */
};

/*
 * Takes the next field out of @text and moves behind it and its further lines (deb822(5)). False at
 * the end of the stanza: an empty line, which it moves behind too, or the end of the text. A line
 * that is no field is passed over, as dpkg does with comments.
 */
bool embargo_stanza_next(struct embargo_span *text, struct embargo_field *field);

/* Is this the field's name? Letters of either case are the same. */
bool embargo_field_is(const struct embargo_field *field, const char *name);

#endif
