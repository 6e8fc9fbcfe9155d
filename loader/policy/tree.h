/* SPDX-License-Identifier: GPL-2.0-or-later */
/* YAML as a tree of nodes that know where they stand. libyaml lives behind it. */
#ifndef EMBARGO_POLICY_TREE_H
#define EMBARGO_POLICY_TREE_H

#include <stddef.h>

#include "loader/base/arena.h"
#include "loader/policy/policy.h"

enum embargo_node_kind {
	EMBARGO_NODE_UNKNOWN,
	EMBARGO_NODE_SCALAR,
	EMBARGO_NODE_SEQUENCE,
	EMBARGO_NODE_MAPPING,
};

struct embargo_node {
	enum embargo_node_kind kind;
	struct embargo_mark mark;
	const char *text;	   /* of a scalar, without control characters */
	struct embargo_node *next; /* of the same sequence or mapping */
	struct embargo_node *first, *last;
	size_t count; /* of elements, or of keys and values together: they take turns */
};

/*
 * Reads the one document in @text into nodes of @arena. Refused (-EINVAL): what is not YAML,
 * aliases and anchors, tags, duplicate keys, keys that are not words, control characters in
 * scalars, a second document; (-ENODATA) there is none; (-E2BIG) nesting beyond
 * EMBARGO_POLICY_DEPTH, a mapping of more than EMBARGO_POLICY_KEYS keys.
 */
int embargo_tree_read(const char *file, const char *text, size_t length,
		      struct embargo_arena *arena, struct embargo_node **root,
		      struct embargo_diagnostic *diagnostic);

#endif
