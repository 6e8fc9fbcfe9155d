/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, section 4), read with the line breaks that armor has. */
#ifndef EMBARGO_BASE_BASE64_H
#define EMBARGO_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Enough room for what @length characters hold. */
#define EMBARGO_BASE64_ROOM(length) ((length) / 4 * 3 + 3)

/*
 * Decodes @length characters into @bytes, which has EMBARGO_BASE64_ROOM(@length); spaces and line
 * breaks are passed over. Returns how many bytes there are, or -EBADMSG for another character, or
 * for text that ends within a byte.
 */
long embargo_base64_decode(const char *text, size_t length, uint8_t *bytes);

#endif
