// SPDX-License-Identifier: GPL-2.0-or-later
/* An arena: blocks in a chain, handed out from the front. */
#include "loader/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* A file's identities fit the first block, a policy's tree of some hundred nodes the next two. */
#define BLOCK_FIRST 2048
#define BLOCK_LAST  65536

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct embargo_arena {
	struct block *blocks;
};

struct embargo_arena *embargo_arena_new(void)
{
	return calloc(1, sizeof(struct embargo_arena));
}

void embargo_arena_free(struct embargo_arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	free(arena);
}

static struct block *add_block(struct embargo_arena *arena, size_t least)
{
	size_t size = arena->blocks ? 8 * arena->blocks->size : BLOCK_FIRST;
	struct block *block;

	if (size > BLOCK_LAST)
		size = BLOCK_LAST;
	if (size < least)
		size = least;
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *embargo_arena_take(struct embargo_arena *arena, size_t count, size_t size)
{
	struct block *block = arena->blocks;
	size_t bytes;
	void *taken;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(bytes, alignof(max_align_t) - 1, &bytes))
		return NULL;
	bytes &= ~(alignof(max_align_t) - 1);
	if (!block || block->size - block->used < bytes)
		block = add_block(arena, bytes);
	if (!block)
		return NULL;
	taken = block->bytes + block->used;
	block->used += bytes;
	return taken;
}

char *embargo_arena_copy(struct embargo_arena *arena, const char *bytes, size_t length)
{
	char *copy = embargo_arena_take(arena, length + 1, 1);

	if (copy)
		memcpy(copy, bytes, length);
	return copy;
}
