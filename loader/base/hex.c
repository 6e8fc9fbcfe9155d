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

static int digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	if (letter >= 'A' && letter <= 'F')
		return letter - 'A' + 10;
	return -1;
}

int embargo_hex_parse(const char *text, void *bytes, size_t size)
{
	uint8_t *byte = bytes;

	for (size_t i = 0; i < 2 * size; i++)
		if (digit(text[i]) < 0)
			return -EINVAL;
	for (size_t i = 0; i < size; i++)
		byte[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return 0;
}
