/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that may be any bytes, made fit for terminals and for readers that want UTF-8. */
#ifndef EMBARGO_BASE_UTF8_H
#define EMBARGO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character that @text (@size bytes) begins with, 1 to 4; 0 where it is not UTF-8.
 */
size_t embargo_utf8_length(const char *text, size_t size);

bool embargo_utf8_is_valid(const char *text);

/* A copy with U+FFFD for each byte that is not UTF-8; the caller's to free(). NULL: no memory. */
char *embargo_utf8_repair(const char *text);

/*
 * Copies @text into @out (@size bytes, cut off where it does not fit) with '?' for each control
 * character and each byte that is not UTF-8: one line, without escapes. Returns @out, which may be
 * @text itself.
 */
char *embargo_utf8_printable(const char *text, char *out, size_t size);

#endif
