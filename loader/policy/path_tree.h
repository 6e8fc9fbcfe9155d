/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree of path rules, as the kernel's map holds it. */
#ifndef EMBARGO_POLICY_PATH_TREE_H
#define EMBARGO_POLICY_PATH_TREE_H

#include "loader/policy/timeline.h"
#include "loader/policy/waiver_table.h"

struct embargo_path_tree {
	void *nodes;	/* tsearch(3) tree by key */
	__u32 count;	/* numbers given to nodes */
	bool has_rules; /* and not only waivers */
	bool opens;	/* some of these rules reach: open */
	bool has_waivers;
	__u64 lengths; /* of the names that the paths of rules end in: embargo_path_length_bit() */
	__u64 names[(1 << EMBARGO_NAME_BITS) / 64]; /* ... and embargo_name_bit() */
};

/*
 * Enters @path (absolute; with a slash at its end a prefix) for the rule numbered @rule; rules come
 * in ascending order. Errors: -ENOMEM.
 */
int embargo_path_tree_add(struct embargo_path_tree *tree, const char *path, __u32 rule);

/* The same for a rule that reaches: open. */
int embargo_path_tree_add_open(struct embargo_path_tree *tree, const char *path, __u32 rule);

/* The same for the waiver numbered @waiver: no file is looked at for its sake alone. */
int embargo_path_tree_waive(struct embargo_path_tree *tree, const char *path, __u32 waiver);

/* Writes the tree into @tables, sorted, with the timelines of its rules and its waivers' sets. */
int embargo_path_tree_emit(const struct embargo_path_tree *tree,
			   struct embargo_timelines *timelines,
			   struct embargo_waiver_table *waivers, struct embargo_tables *tables,
			   struct embargo_diagnostic *diagnostic);
void embargo_path_tree_free(struct embargo_path_tree *tree);

#endif
