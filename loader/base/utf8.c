// SPDX-License-Identifier: GPL-2.0-or-later
/* UTF-8: telling it from other bytes, repairing it, and making it printable. */
#include "loader/base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What may follow the first byte: RFC 3629's table, which leaves out overlong forms and surrogates.
 */
static bool is_second(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

size_t embargo_utf8_length(const char *text, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t length;

	if (!size)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (size < length || !is_second(bytes[0], bytes[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool embargo_utf8_is_valid(const char *text)
{
	size_t left = strlen(text), length;

	for (; left; text += length, left -= length) {
		length = embargo_utf8_length(text, left);
		if (!length)
			return false;
	}
	return true;
}

char *embargo_utf8_repair(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t left = strlen(text), used = 0;
	char *out = malloc(3 * left + 1);

	while (out && left) {
		size_t length = embargo_utf8_length(text, left);

		memcpy(out + used, length ? text : replacement, length ? length : 3);
		used += length ? length : 3;
		length = length ? length : 1;
		text += length;
		left -= length;
	}
	if (out)
		out[used] = '\0';
	return out;
}

/* C0, DEL, C1 (which terminals obey like escape sequences), and the marks that turn text around. */
static bool is_control(const char *text, size_t length)
{
	const uint8_t *bytes = (const uint8_t *)text;

	if (length == 1)
		return bytes[0] < ' ' || bytes[0] == 0x7f;
	if (length == 2)
		return bytes[0] == 0xc2 && bytes[1] < 0xa0;
	if (length == 3 && bytes[0] == 0xe2 && bytes[1] == 0x80) /* U+200E, F, U+2028..202E */
		return bytes[2] == 0x8e || bytes[2] == 0x8f ||
		       (bytes[2] >= 0xa8 && bytes[2] <= 0xae);
	if (length == 3 && bytes[0] == 0xe2 && bytes[1] == 0x81) /* U+2066..2069 */
		return bytes[2] >= 0xa6 && bytes[2] <= 0xa9;
	return false;
}

char *embargo_utf8_printable(const char *text, char *out, size_t size)
{
	size_t left = strlen(text), used = 0;

	while (left) {
		size_t length = embargo_utf8_length(text, left);
		bool is_shown = length && !is_control(text, length);
		size_t width = is_shown ? length : 1;

		if (used + width >= size)
			break;
		if (is_shown)
			memmove(out + used, text, length);
		else
			out[used] = '?';
		used += width;
		length = length ? length : 1;
		text += length;
		left -= length;
	}
	out[used] = '\0';
	return out;
}
