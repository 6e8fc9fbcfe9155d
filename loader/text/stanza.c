// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading stanzas line by line. */
#include "loader/text/stanza.h"

#include <string.h>
#include <strings.h>

static struct embargo_span take_line(struct embargo_span *text)
{
	const char *end = memchr(text->text, '\n', text->length);
	struct embargo_span line = { text->text, end ? (size_t)(end - text->text) : text->length };
	size_t used = line.length + !!end;

	text->text += used;
	text->length -= used;
	return line;
}

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\r';
}

static struct embargo_span trim(struct embargo_span span)
{
	while (span.length && is_blank(span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length && is_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

bool embargo_stanza_next(struct embargo_span *text, struct embargo_field *field)
{
	while (text->length) {
		const char *colon;
		struct embargo_span line = take_line(text);

		if (!trim(line).length)
			return false;
		colon = memchr(line.text, ':', line.length);
		/* A line that begins with a blank goes on with the field before. */
		if (is_blank(line.text[0]) || !colon)
			continue;
		field->name = trim((struct embargo_span) { line.text, colon - line.text });
		field->value = trim(
			(struct embargo_span) { colon + 1, line.length - (colon + 1 - line.text) });
		return true;
	}
	return false;
}

bool embargo_field_is(const struct embargo_field *field, const char *name)
{
	return field->name.length == strlen(name) &&
	       !strncasecmp(field->name.text, name, field->name.length);
}
