/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages on standard error, "embargo: OBJECT: what; remedy". For commands and the daemon: nothing
 * below them prints. */
#ifndef EMBARGO_BASE_LOG_H
#define EMBARGO_BASE_LOG_H

#include <stdbool.h>

#include "loader/base/diagnostic.h"

/* @object may be hostile (a path, an argument): what is not printable is shown as '?'. */
void embargo_log_error(const char *object, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The diagnostic; @object stands for the file where the diagnostic names none (NULL: nothing). */
void embargo_log_diagnostic(const char *object, const struct embargo_diagnostic *diagnostic);

/* From now on what standard error does not take at once is left out and counted: whoever must not
 * wait for a pipe that nobody reads. */
void embargo_log_hurry(void);

/* Does standard error take a line, PIPE_BUF bytes at most, without waiting? */
bool embargo_log_takes_more(void);

#endif
