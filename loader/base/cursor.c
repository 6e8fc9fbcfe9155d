// SPDX-License-Identifier: GPL-2.0-or-later
/* The bounded cursor: every read of hostile bytes goes through embargo_cursor_take(). */
#include "loader/base/cursor.h"

#include <string.h>

const uint8_t *embargo_cursor_take(struct embargo_cursor *cursor, size_t count)
{
	const uint8_t *bytes = cursor->bytes + cursor->at;

	if (cursor->failed || count > cursor->size - cursor->at) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += count;
	return bytes;
}

void embargo_cursor_seek(struct embargo_cursor *cursor, size_t at)
{
	if (at > cursor->size)
		cursor->failed = true;
	else
		cursor->at = at;
}

uint16_t embargo_cursor_u16(struct embargo_cursor *cursor)
{
	const uint8_t *bytes = embargo_cursor_take(cursor, 2);

	return bytes ? (uint16_t)(bytes[0] | bytes[1] << 8) : 0;
}

uint32_t embargo_cursor_u32(struct embargo_cursor *cursor)
{
	const uint8_t *bytes = embargo_cursor_take(cursor, 4);

	if (!bytes)
		return 0;
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

uint64_t embargo_cursor_u64(struct embargo_cursor *cursor)
{
	uint64_t low = embargo_cursor_u32(cursor);
	uint64_t high = embargo_cursor_u32(cursor);

	return cursor->failed ? 0 : high << 32 | low;
}

uint16_t embargo_cursor_be16(struct embargo_cursor *cursor)
{
	return __builtin_bswap16(embargo_cursor_u16(cursor));
}

uint32_t embargo_cursor_be32(struct embargo_cursor *cursor)
{
	return __builtin_bswap32(embargo_cursor_u32(cursor));
}

uint64_t embargo_cursor_be64(struct embargo_cursor *cursor)
{
	return __builtin_bswap64(embargo_cursor_u64(cursor));
}

bool embargo_cursor_starts(const struct embargo_cursor *cursor, const void *prefix, size_t count)
{
	return !cursor->failed && count <= cursor->size - cursor->at &&
	       !memcmp(cursor->bytes + cursor->at, prefix, count);
}
