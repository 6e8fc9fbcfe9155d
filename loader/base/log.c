// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages on standard error. */
#include "loader/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/utf8.h"

/* Room for a path of 4,096 bytes and a sentence about it. */
#define MESSAGE_SIZE 8192

static void print(char *message)
{
	fflush(stdout); /* in one log with the answers, in the order in which they were given */
	fprintf(stderr, "embargo: %s\n",
		embargo_utf8_printable(message, message, strlen(message) + 1));
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
