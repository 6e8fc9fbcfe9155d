/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of text about an event, put together in a fixed buffer and safe to show on a terminal.
 */
#ifndef EMBARGO_EVENT_LINE_H
#define EMBARGO_EVENT_LINE_H

#include <stddef.h>

#include "bpf/abi.h"

/* The longest path and every other word of the line. */
#define EMBARGO_LINE_SIZE (EMBARGO_PATH_LONG + 2048)

struct embargo_line {
	size_t length;
	char text[EMBARGO_LINE_SIZE]; /* always ends in NUL; what does not fit is left out */
};

void embargo_line_add(struct embargo_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds what somebody else chose, made printable: no file name moves a cursor or sets a title. */
void embargo_line_add_text(struct embargo_line *line, const char *text);

#endif
