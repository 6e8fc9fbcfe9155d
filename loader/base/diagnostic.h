/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was wrong with an input and what to do about it; filled below, printed by the commands. */
#ifndef EMBARGO_BASE_DIAGNOSTIC_H
#define EMBARGO_BASE_DIAGNOSTIC_H

#define EMBARGO_DIAGNOSTIC_TEXT 512

struct embargo_diagnostic {
	char file[EMBARGO_DIAGNOSTIC_TEXT];
	unsigned int line;   /* from 1; 0 where it means nothing */
	unsigned int column; /* from 1; 0 where it means nothing */
	char what[EMBARGO_DIAGNOSTIC_TEXT];
	char remedy[EMBARGO_DIAGNOSTIC_TEXT];
};

/* Sets `what`; file and line stay. Returns @error, so that a caller can say `return
 * embargo_diagnostic_what(...)`. */
int embargo_diagnostic_what(struct embargo_diagnostic *diagnostic, int error, const char *format,
			    ...) __attribute__((format(printf, 3, 4)));
void embargo_diagnostic_remedy(struct embargo_diagnostic *diagnostic, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void embargo_diagnostic_at(struct embargo_diagnostic *diagnostic, const char *file,
			   unsigned int line, unsigned int column);

/* "FILE:LINE:COLUMN: WHAT; REMEDY" into @text, without what is unset; returns @text. */
char *embargo_diagnostic_format(const struct embargo_diagnostic *diagnostic, char *text,
				unsigned long size);

#endif
