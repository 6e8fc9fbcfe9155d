/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as hexadecimal text, and back. */
#ifndef EMBARGO_BASE_HEX_H
#define EMBARGO_BASE_HEX_H

#include <stddef.h>

/* The characters and the NUL that @size bytes need. */
#define EMBARGO_HEX_SIZE(size) (2 * (size) + 1)

/* Writes @size bytes in lower case, and a NUL, into @text; returns @text. */
char *embargo_hex_format(const void *bytes, size_t size, char *text);

/*
 * Reads exactly 2 * @size characters of either case from @text into @bytes; what follows them is
 * the caller's affair. Errors: -EINVAL (a NUL counts as one), @bytes is then untouched.
 */
int embargo_hex_parse(const char *text, void *bytes, size_t size);

#endif
