// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding base64. */
#include "loader/base/base64.h"

#include <errno.h>
#include <string.h>

static int find_value(char letter)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? (int)(found - letters) : -1;
}

long embargo_base64_decode(const char *text, size_t length, uint8_t *bytes)
{
	uint32_t bits = 0;
	unsigned letters = 0, padding = 0;
	long used = 0;

	for (size_t i = 0; i < length; i++) {
		int value = find_value(text[i]);

		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		if (text[i] == '=' && padding++ < 2)
			continue;
		if (value < 0 || padding)
			return -EBADMSG;
		bits = bits << 6 | value;
		if (letters++ % 4)
			bytes[used++] = bits >> (6 - 2 * ((letters - 1) % 4));
	}
	/* One letter alone is six bits; padding, where there is any, fills the last four. */
	if (letters % 4 == 1 || (padding && (letters + padding) % 4))
		return -EBADMSG;
	return used;
}
