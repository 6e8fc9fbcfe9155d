// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree of path rules: components cut into chunks, each chunk a key. */
#include "loader/policy/path_tree.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* The rules, or waivers, that name one node, in ascending order, each once. */
struct rules {
	__u32 *array;
	size_t count;
};

struct node {
	struct embargo_path_key key; /* first: it is what the tree compares */
	__u32 number;
	struct rules below, exact;
	struct rules opens_below, opens_exact; /* those of them that reach: open */
	struct rules waived_below, waived_exact;
};

static int compare_node(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static int add_rule(struct rules *rules, __u32 rule)
{
	__u32 *array;

	if (rules->count && rules->array[rules->count - 1] == rule)
		return 0;
	array = reallocarray(rules->array, rules->count + 1, sizeof(*array));
	if (!array)
		return -ENOMEM;
	rules->array = array;
	array[rules->count++] = rule;
	return 0;
}

/* The node under @key, made where there was none; NULL without memory. */
static struct node *find_node(struct embargo_path_tree *tree, const struct embargo_path_key *key)
{
	struct node *node = calloc(1, sizeof(*node));
	struct node **entry;

	if (!node)
		return NULL;
	node->key = *key;
	entry = tsearch(node, &tree->nodes, compare_node);
	if (!entry || *entry != node) {
		free(node);
		return entry ? *entry : NULL;
	}
	node->number = ++tree->count;
	return node;
}

/* The node of a whole component below node number @above. */
static struct node *find_component(struct embargo_path_tree *tree, __u32 above, const char *name,
				   size_t length)
{
	struct node *node = NULL;

	while (length) {
		struct embargo_path_key key;

		embargo_path_key_take(&key, above, &name, &length);
		node = find_node(tree, &key);
		if (!node)
			return NULL;
		above = node->number;
	}
	return node;
}

static __u32 name_bit(const char *name, size_t length)
{
	__u64 prefix = 0;

	memcpy(&prefix, name, length < EMBARGO_NAME_PREFIX ? length : EMBARGO_NAME_PREFIX);
	return embargo_name_bit(prefix, (__u32)length);
}

/* The node of @path, made where there was none; NULL without memory. @last and @length get the name
 * that it ends in. */
static struct node *enter(struct embargo_path_tree *tree, const char *path, const char **last,
			  size_t *length)
{
	const char *at = path + 1;
	struct node *node = NULL;

	while (*at) {
		*length = strcspn(at, "/");
		*last = at;
		node = find_component(tree, node ? node->number : 0, at, *length);
		if (!node)
			return NULL;
		at += *length;
		at += *at == '/';
	}
	return node;
}

static bool is_prefix(const char *path)
{
	return path[strlen(path) - 1] == '/';
}

int embargo_path_tree_add(struct embargo_path_tree *tree, const char *path, __u32 rule)
{
	const char *last = path;
	size_t length = 0;
	struct node *node = enter(tree, path, &last, &length);

	if (!node)
		return -ENOMEM;
	tree->has_rules = true;
	tree->lengths |= embargo_path_length_bit((__u32)length);
	embargo_filter_add(tree->names, name_bit(last, length));
	return add_rule(is_prefix(path) ? &node->below : &node->exact, rule);
}

int embargo_path_tree_add_open(struct embargo_path_tree *tree, const char *path, __u32 rule)
{
	const char *last = path;
	size_t length = 0;
	struct node *node;
	int error = embargo_path_tree_add(tree, path, rule);

	if (error)
		return error;
	node = enter(tree, path, &last, &length);
	if (!node)
		return -ENOMEM;
	tree->opens = true;
	return add_rule(is_prefix(path) ? &node->opens_below : &node->opens_exact, rule);
}

int embargo_path_tree_waive(struct embargo_path_tree *tree, const char *path, __u32 waiver)
{
	const char *last = path;
	size_t length = 0;
	struct node *node = enter(tree, path, &last, &length);

	if (!node)
		return -ENOMEM;
	tree->has_waivers = true;
	return add_rule(is_prefix(path) ? &node->waived_below : &node->waived_exact, waiver);
}

struct emission {
	struct embargo_path_entry *entries;
	size_t count;
	struct embargo_timelines *timelines;
	struct embargo_waiver_table *waivers;
	struct embargo_diagnostic *diagnostic;
	int error;
};

static int find_timeline(const struct emission *emission, const struct rules *rules,
			 __u32 *timeline)
{
	return embargo_timelines_find(emission->timelines, rules->array, rules->count, false,
				      timeline, emission->diagnostic);
}

static int unite(const struct emission *emission, const struct rules *waivers, __u32 *set)
{
	return embargo_waiver_table_unite(emission->waivers, waivers->array, waivers->count, set,
					  emission->diagnostic);
}

/* twalk(3) shows inner nodes three times, in order the second time. */
static void emit_node(const void *entry, VISIT visit, void *context)
{
	const struct node *node = *(const struct node *const *)entry;
	struct emission *emission = context;
	struct embargo_path_entry *out;

	if (emission->error || (visit != postorder && visit != leaf))
		return;
	out = &emission->entries[emission->count++];
	out->key = node->key;
	out->node.node = node->number;
	emission->error = find_timeline(emission, &node->below, &out->node.below);
	if (!emission->error)
		emission->error = find_timeline(emission, &node->exact, &out->node.exact);
	if (!emission->error)
		emission->error =
			find_timeline(emission, &node->opens_below, &out->node.opens_below);
	if (!emission->error)
		emission->error =
			find_timeline(emission, &node->opens_exact, &out->node.opens_exact);
	if (!emission->error)
		emission->error = unite(emission, &node->waived_below, &out->node.waived_below);
	if (!emission->error)
		emission->error = unite(emission, &node->waived_exact, &out->node.waived_exact);
}

int embargo_path_tree_emit(const struct embargo_path_tree *tree,
			   struct embargo_timelines *timelines,
			   struct embargo_waiver_table *waivers, struct embargo_tables *tables,
			   struct embargo_diagnostic *diagnostic)
{
	struct emission emission = {
		.timelines = timelines,
		.waivers = waivers,
		.diagnostic = diagnostic,
	};

	if (!tree->count)
		return 0;
	emission.entries = calloc(tree->count, sizeof(*emission.entries));
	if (!emission.entries)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	twalk_r(tree->nodes, emit_node, &emission);
	if (emission.error) {
		free(emission.entries);
		return emission.error;
	}
	tables->paths = emission.entries;
	tables->path_count = emission.count;
	tables->head.path_count = tree->has_rules ? (__u32)emission.count : 0;
	tables->head.open_paths = tree->opens;
	tables->head.waived_paths = tree->has_waivers;
	tables->head.path_lengths = tree->lengths;
	memcpy(tables->head.name_filter, tree->names, sizeof(tree->names));
	return 0;
}

static void free_node(void *entry)
{
	struct node *node = entry;

	free(node->below.array);
	free(node->exact.array);
	free(node->opens_below.array);
	free(node->opens_exact.array);
	free(node->waived_below.array);
	free(node->waived_exact.array);
	free(node);
}

void embargo_path_tree_free(struct embargo_path_tree *tree)
{
	tdestroy(tree->nodes, free_node);
	*tree = (struct embargo_path_tree) { 0 };
}
