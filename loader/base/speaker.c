// SPDX-License-Identifier: GPL-2.0-or-later
/* Putting lines for people together. */
#include "loader/base/speaker.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void embargo_speaker_say(const struct embargo_speaker *speaker, int priority, const char *format,
			 ...)
{
	char text[3 * PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	speaker->say(speaker->context, priority, text);
}
