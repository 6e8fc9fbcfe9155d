// SPDX-License-Identifier: GPL-2.0-or-later
/* Diagnostics: filling and formatting them. */
#include "loader/base/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int embargo_diagnostic_what(struct embargo_diagnostic *diagnostic, int error, const char *format,
			    ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(diagnostic->what, sizeof(diagnostic->what), format, arguments);
	va_end(arguments);
	return error;
}

void embargo_diagnostic_remedy(struct embargo_diagnostic *diagnostic, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(diagnostic->remedy, sizeof(diagnostic->remedy), format, arguments);
	va_end(arguments);
}

void embargo_diagnostic_at(struct embargo_diagnostic *diagnostic, const char *file,
			   unsigned int line, unsigned int column)
{
	snprintf(diagnostic->file, sizeof(diagnostic->file), "%s", file);
	diagnostic->line = line;
	diagnostic->column = column;
}

char *embargo_diagnostic_format(const struct embargo_diagnostic *diagnostic, char *text,
				unsigned long size)
{
	char place[EMBARGO_DIAGNOSTIC_TEXT + 32] = "";

	if (diagnostic->line)
		snprintf(place, sizeof(place), "%s:%u:%u: ", diagnostic->file, diagnostic->line,
			 diagnostic->column);
	else if (diagnostic->file[0])
		snprintf(place, sizeof(place), "%s: ", diagnostic->file);
	snprintf(text, size, "%s%s%s%s", place, diagnostic->what, diagnostic->remedy[0] ? "; " : "",
		 diagnostic->remedy);
	return text;
}
