// SPDX-License-Identifier: GPL-2.0-or-later
/* The compiled policy's look-ups, step for step what the kernel half does with its maps. */
#include "tables.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void embargo_tables_free(struct embargo_tables *tables)
{
	free(tables->digests);
	free(tables->sizes);
	free(tables->paths);
	free(tables->signers);
	free(tables->timelines);
	free(tables->reasons);
	free(tables->rule_timelines);
	free(tables->waived);
	free(tables->waiver_sets);
	free(tables->waivers);
	free(tables->parts);
	*tables = (struct embargo_tables) { 0 };
}

static int compare_digest(const void *key, const void *entry)
{
	const struct embargo_digest_entry *listed = entry;

	return memcmp(key, &listed->digest, sizeof(listed->digest));
}

static int compare_waived(const void *key, const void *entry)
{
	const struct embargo_waived_entry *waived = entry;

	return memcmp(key, &waived->digest, sizeof(waived->digest));
}

static int compare_size(const void *key, const void *entry)
{
	const __u64 *size = key;
	const struct embargo_size_entry *listed = entry;

	return (*size > listed->size) - (*size < listed->size);
}

static int compare_path(const void *key, const void *entry)
{
	const struct embargo_path_entry *listed = entry;

	return memcmp(key, &listed->key, sizeof(listed->key));
}

/* bsearch(3) may not be handed a null array, not even for no elements. */
static const void *find(const void *key, const void *array, size_t count, size_t size,
			int (*compare)(const void *, const void *))
{
	return count ? bsearch(key, array, count, size, compare) : NULL;
}

const struct embargo_listed *embargo_tables_digest(const struct embargo_tables *tables,
						   const struct embargo_digest *digest)
{
	const struct embargo_digest_entry *entry =
		find(digest, tables->digests, tables->digest_count, sizeof(*entry), compare_digest);

	return entry ? &entry->listed : NULL;
}

__u32 embargo_tables_waived(const struct embargo_tables *tables,
			    const struct embargo_digest *digest)
{
	const struct embargo_waived_entry *entry =
		find(digest, tables->waived, tables->waived_count, sizeof(*entry), compare_waived);

	return entry ? entry->set : 0;
}

__u32 embargo_tables_size(const struct embargo_tables *tables, __u64 size)
{
	const struct embargo_size_entry *entry =
		find(&size, tables->sizes, tables->size_count, sizeof(*entry), compare_size);

	return entry ? entry->scopes : 0;
}

void embargo_path_key_take(struct embargo_path_key *key, __u32 node, const char **name,
			   size_t *length)
{
	size_t used = *length < EMBARGO_PATH_CHUNK ? *length : EMBARGO_PATH_CHUNK;

	*key = (struct embargo_path_key) { .node = node, .length = (__u16)used };
	memcpy(key->bytes, *name, used);
	*name += used;
	*length -= used;
	key->last = !*length;
}

/* The node of the component of @length bytes under @node, chunk by chunk, or NULL. */
static const struct embargo_path_node *find_component(const struct embargo_tables *tables,
						      __u32 node, const char *name, size_t length)
{
	const struct embargo_path_entry *entry = NULL;

	while (length) {
		struct embargo_path_key key;

		embargo_path_key_take(&key, node, &name, &length);
		entry = find(&key, tables->paths, tables->path_count, sizeof(*entry), compare_path);
		if (!entry)
			return NULL;
		node = entry->node.node;
	}
	return entry ? &entry->node : NULL;
}

static __u32 node_timeline(const struct embargo_path_node *node, __u32 scope, bool is_below)
{
	if (scope == EMBARGO_SCOPE_OPEN)
		return is_below ? node->opens_below : node->opens_exact;
	return is_below ? node->below : node->exact;
}

size_t embargo_tables_path(const struct embargo_tables *tables, const char *path, __u32 scope,
			   void (*each)(void *context, __u32 timeline, __u32 waived), void *context)
{
	const char *at = path + strspn(path, "/");
	size_t found = 0;
	__u32 node = 0;

	while (*at) {
		size_t length = strcspn(at, "/");
		const char *next = at + length + strspn(at + length, "/");
		const struct embargo_path_node *here = find_component(tables, node, at, length);
		__u32 timeline, waived;

		if (!here)
			break;
		timeline = node_timeline(here, scope, *next);
		waived = *next ? here->waived_below : here->waived_exact;
		if (timeline || waived) {
			each(context, timeline, waived);
			found++;
		}
		node = here->node;
		at = next;
	}
	return found;
}
