// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes as hexadecimal text, and back. */
#include "loader/base/hex.h"

#include <errno.h>
#include <stdint.h>

char *embargo_hex_format(const void *bytes, size_t size, char *text)
{
	static const char digits[16] = "0123456789abcdef";
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[byte[i] >> 4];
		text[2 * i + 1] = digits[byte[i] & 15];
	}
	text[2 * size] = '\0';
	return text;
}

/* The value of each hexadecimal digit, and one more to tell it from the zero of all other bytes. */
static const uint8_t digit_values[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int embargo_hex_parse(const char *text, void *bytes, size_t size)
{
	const uint8_t *letter = (const uint8_t *)text;
	uint8_t *byte = bytes;

	for (size_t i = 0; i < 2 * size; i++)
		if (!digit_values[letter[i]])
			return -EINVAL;
	for (size_t i = 0; i < size; i++)
		byte[i] = (uint8_t)((digit_values[letter[2 * i]] - 1) << 4 |
				    (digit_values[letter[2 * i + 1]] - 1));
	return 0;
}
