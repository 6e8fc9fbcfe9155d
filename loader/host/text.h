/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as the kernel's file systems give it: one line, a list with commas, the boot's parameters.
 */
#ifndef EMBARGO_HOST_TEXT_H
#define EMBARGO_HOST_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The start of the file at @path below @root, without a line break at its end. False, and @text
 * empty, where it cannot be read.
 */
bool embargo_text_read(int root, const char *path, char *text, size_t size);

/* Is @word one of those that commas part in @list? */
bool embargo_text_lists(const char *list, const char *word);

/*
 * The last value of @name (with its '=') on the kernel's command line that has @part ("" for any)
 * in it; false where there is none.
 */
bool embargo_text_parameter(int root, const char *name, const char *part, char *value, size_t size);

#endif
