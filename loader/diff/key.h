/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of what rules name: one for all spellings of a thing, and for it alone. */
#ifndef EMBARGO_DIFF_KEY_H
#define EMBARGO_DIFF_KEY_H

#include "loader/base/arena.h"
#include "loader/policy/policy.h"

/* What the key of a path begins with; the path as it is written follows. */
#define EMBARGO_KEY_PATH "path\n"

/* The key of @pattern, in @arena. NULL: no memory, as below. */
const char *embargo_key_make(struct embargo_arena *arena, const struct embargo_pattern *pattern);

/* The key of all that the `all:` of @rule has, together. */
const char *embargo_key_of_all(struct embargo_arena *arena, const struct embargo_rule *rule);

/* What people read: the value of @pattern, which is of @rule; NULL: all of its patterns, by kinds.
 */
const char *embargo_key_words(struct embargo_arena *arena, const struct embargo_rule *rule,
			      const struct embargo_pattern *pattern);

#endif
