/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An arena: memory of many small values that live and go together. */
#ifndef EMBARGO_BASE_ARENA_H
#define EMBARGO_BASE_ARENA_H

#include <stddef.h>

struct embargo_arena;

/* NULL where memory is out, like the takers. */
struct embargo_arena *embargo_arena_new(void);
void embargo_arena_free(struct embargo_arena *arena);

/* @count zeroed elements of @size bytes, aligned for any type. */
void *embargo_arena_take(struct embargo_arena *arena, size_t count, size_t size);

/* A copy of @length bytes, with a NUL after them. */
char *embargo_arena_copy(struct embargo_arena *arena, const char *bytes, size_t length);

#endif
