// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages on standard error. */
#include "loader/base/log.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/utf8.h"

/* Room for a path of 4,096 bytes and a sentence about it. */
#define MESSAGE_SIZE 8192

/* A pipe that takes more takes PIPE_BUF bytes at least: two lines of ours. */
#define LINE_MOST (PIPE_BUF - 96)

static bool is_hurried;
static uint64_t lost; /* lines, since the last that was taken */

void embargo_log_hurry(void)
{
	is_hurried = true;
}

bool embargo_log_takes_more(void)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT;
}

static void print_hurried(char *message)
{
	if (!embargo_log_takes_more()) {
		lost++;
		return;
	}
	if (lost)
		fprintf(stderr, "embargo: %" PRIu64 " lines were read by nobody\n", lost);
	lost = 0;
	fprintf(stderr, "embargo: %.*s\n", LINE_MOST, message);
}

static void print(char *message)
{
	embargo_utf8_printable(message, message, strlen(message) + 1);
	if (is_hurried) {
		print_hurried(message);
		return;
	}
	fflush(stdout); /* in one log with the answers, in the order in which they were given */
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
