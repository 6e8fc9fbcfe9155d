/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded cursor over hostile bytes: nothing is read past the end, and a failure stays one. */
#ifndef EMBARGO_BASE_CURSOR_H
#define EMBARGO_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embargo_cursor {
	const uint8_t *bytes;
	size_t size;
	size_t at;
	bool failed; /* something was asked for that is not there; all that follows is zero */
};

static inline struct embargo_cursor embargo_cursor_make(const void *bytes, size_t size)
{
	return (struct embargo_cursor) { .bytes = bytes, .size = size };
}

/* The next @count bytes, and moves past them; NULL (and a failed cursor) where fewer are left. */
const uint8_t *embargo_cursor_take(struct embargo_cursor *cursor, size_t count);

/* Moves to @at, counted from the start. */
void embargo_cursor_seek(struct embargo_cursor *cursor, size_t at);

/* Little-endian numbers; 0 where they are cut off. */
uint16_t embargo_cursor_u16(struct embargo_cursor *cursor);
uint32_t embargo_cursor_u32(struct embargo_cursor *cursor);
uint64_t embargo_cursor_u64(struct embargo_cursor *cursor);

/* The same, big-endian. */
uint16_t embargo_cursor_be16(struct embargo_cursor *cursor);
uint32_t embargo_cursor_be32(struct embargo_cursor *cursor);
uint64_t embargo_cursor_be64(struct embargo_cursor *cursor);

/* How many bytes are left. */
static inline size_t embargo_cursor_left(const struct embargo_cursor *cursor)
{
	return cursor->failed ? 0 : cursor->size - cursor->at;
}

/* Do the bytes at the cursor begin with @prefix? Moves nothing and fails nothing. */
bool embargo_cursor_starts(const struct embargo_cursor *cursor, const void *prefix, size_t count);

#endif
