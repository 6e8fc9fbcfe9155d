// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages on standard error. */
#include "loader/base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* Room for a path of 4,096 bytes and a sentence about it. */
#define MESSAGE_SIZE 8192

/*
 * One line whatever it holds: a name with an escape sequence or a line break stays one name. The
 * escapes of terminals are 00..1f, 7f and, in UTF-8, c2 80..c2 9f.
 */
static void print(char *message)
{
	for (unsigned char *byte = (unsigned char *)message; *byte; byte++) {
		if (*byte < ' ' || *byte == 127)
			*byte = '?';
		else if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0)
			byte[0] = byte[1] = '?';
	}
	fprintf(stderr, "embargo: %s\n", message);
}

void embargo_log_error(const char *object, const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list arguments;
	int used;

	used = snprintf(message, sizeof(message), "%.4096s: ", object);
	va_start(arguments, format);
	vsnprintf(message + used, sizeof(message) - used, format, arguments);
	va_end(arguments);
	print(message);
}

void embargo_log_diagnostic(const char *object, const struct embargo_diagnostic *diagnostic)
{
	char message[MESSAGE_SIZE];
	int used = 0;

	if (object && !diagnostic->file[0])
		used = snprintf(message, sizeof(message), "%.4096s: ", object);
	embargo_diagnostic_format(diagnostic, message + used, sizeof(message) - used);
	print(message);
}
