// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading ld.so.cache, as glibc's sysdeps/generic/dl-cache.h lays it out. */
#include "loader/dynamic/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/file.h"

/*
 *  "glibc-ld.so.cache1.1" 20 | count 4 | bytes of texts 4 | flags 1, padding 3 | extensions at 4 |
 *  12 unused | entries: flags 4, name at 4, file at 4, kernel 4, capabilities 8 | texts
 *
 * Numbers are the machine's own; places count from the beginning.
 */
#define MAGIC	  "glibc-ld.so.cache1.1"
#define HEAD_SIZE 48
#define ROW_SIZE  24

struct embargo_dynamic_cache {
	char *bytes; /* with a NUL behind them: no text runs farther */
	size_t size, count;
};

static uint32_t read_u32(struct embargo_cursor *cursor)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? embargo_cursor_be32(cursor)
						      : embargo_cursor_u32(cursor);
}

int embargo_dynamic_cache_read(const char *file, struct embargo_dynamic_cache **cache)
{
	_cleanup_free_
	struct embargo_dynamic_cache *made = calloc(1, sizeof(*made));
	struct embargo_cursor cursor;
	int error;

	if (!made)
		return -ENOMEM;
	error = embargo_file_read(file, EMBARGO_DYNAMIC_CACHE_SIZE, &made->bytes, &made->size);
	if (error)
		return error;
	cursor = embargo_cursor_make(made->bytes, made->size);
	if (embargo_cursor_starts(&cursor, MAGIC, strlen(MAGIC))) {
		embargo_cursor_seek(&cursor, strlen(MAGIC));
		made->count = read_u32(&cursor);
	} else {
		cursor.failed = true;
	}
	if (cursor.failed || made->size < HEAD_SIZE ||
	    made->count > (made->size - HEAD_SIZE) / ROW_SIZE) {
		free(made->bytes);
		return -EBADMSG;
	}
	*cache = TAKE_PTR(made);
	return 0;
}

void embargo_dynamic_cache_close(struct embargo_dynamic_cache *cache)
{
	if (cache)
		free(cache->bytes);
	free(cache);
}

const char *embargo_dynamic_cache_next(const struct embargo_dynamic_cache *cache, const char *name,
				       size_t *at)
{
	while (cache && *at < cache->count) {
		struct embargo_cursor cursor = embargo_cursor_make(cache->bytes, cache->size);
		uint32_t key, value, capabilities;

		embargo_cursor_seek(&cursor, HEAD_SIZE + ROW_SIZE * (*at)++ + 4);
		key = read_u32(&cursor);
		value = read_u32(&cursor);
		embargo_cursor_take(&cursor, 4);
		capabilities = read_u32(&cursor);
		capabilities |= read_u32(&cursor);
		if (!cursor.failed && !capabilities && key < cache->size && value < cache->size &&
		    cache->bytes[value] == '/' && !strcmp(cache->bytes + key, name))
			return cache->bytes + value;
	}
	return NULL;
}
