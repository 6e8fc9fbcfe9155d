// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of text: what others chose is made printable on the way in. */
#include "loader/event/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/utf8.h"

void embargo_line_add(struct embargo_line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->text + line->length, room, format, arguments);
	va_end(arguments);
	if (length < 0)
		line->text[line->length] = 0;
	else
		line->length += (size_t)length < room ? (size_t)length : room - 1;
}

void embargo_line_add_text(struct embargo_line *line, const char *text)
{
	char *end = line->text + line->length;

	embargo_utf8_printable(text, end, sizeof(line->text) - line->length);
	line->length += strlen(end);
}
