/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moments: RFC 3339 text to nanoseconds since 1970 and back. */
#ifndef EMBARGO_MODEL_TIME_H
#define EMBARGO_MODEL_TIME_H

#include <stddef.h>
#include <stdint.h>

#define EMBARGO_SECOND_NS INT64_C(1000000000)

/* "2024-09-29T04:00:00Z" and its NUL, with room for any year that fits. */
#define EMBARGO_TIME_TEXT 32

/*
 * Reads "2024-09-29T00:00:00-04:00" (RFC 3339; the offset, or Z, must be there) into @ns,
 * nanoseconds since 1970-01-01T00:00:00Z. Errors: -EINVAL not of that form, -ENODATA a bare date or
 * a time without an offset (a legal day starts somewhere: ask for the offset), -EDOM no such moment
 * in the calendar (leap seconds included: the kernel's clock has none), -ERANGE not within 1677 to
 * 2262.
 */
int embargo_time_parse(const char *text, int64_t *ns);

/* Writes @ns in UTC, whole seconds, into @text (EMBARGO_TIME_TEXT bytes suffice); returns @text. */
char *embargo_time_format(int64_t ns, char *text, size_t size);

#endif
