// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading a generation back: whole maps at a time, then sorted as the compiler has them. */
#include "loader/kernel/readback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/handle.h"

#define BATCH 16384 /* entries a system call; no bucket of a hash map holds so many */

/* Generations that may come while their maps are looked up. */
#define TRIES 4

/* The maps of a generation stand first among the handle's. */
#define INNER_MAPS EMBARGO_MAP_TABLES

/* How a map's keys and values lie in an array of the tables'. */
struct form {
	size_t key_size; /* 0: the entry's place is its key, as the kernel's array has it */
	size_t value_size;
	size_t entry_size;
	size_t value_at;
	int (*compare)(const void *, const void *);
};

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct embargo_digest));
}

static int compare_paths(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct embargo_path_key));
}

static int compare_signers(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct embargo_signer_key));
}

static int compare_sizes(const void *a, const void *b)
{
	const struct embargo_size_entry *left = a, *right = b;

	return (left->size > right->size) - (left->size < right->size);
}

#define KEYED(type, key, value, compare)                                            \
	{                                                                           \
		sizeof(((type *)0)->key), sizeof(((type *)0)->value), sizeof(type), \
			offsetof(type, value), compare                              \
	}

/* In each of them the key stands first. */
static const struct form forms[INNER_MAPS] = {
	[EMBARGO_MAP_DIGESTS] = KEYED(struct embargo_digest_entry, digest, listed, compare_digests),
	[EMBARGO_MAP_SIZES] = KEYED(struct embargo_size_entry, size, scopes, compare_sizes),
	[EMBARGO_MAP_PATHS] = KEYED(struct embargo_path_entry, key, node, compare_paths),
	[EMBARGO_MAP_SIGNERS] = KEYED(struct embargo_signer_entry, key, is, compare_signers),
	[EMBARGO_MAP_TIMELINES] = { 0, sizeof(struct embargo_timeline),
				    sizeof(struct embargo_timeline), 0, NULL },
	[EMBARGO_MAP_REASONS] = { 0, sizeof(struct embargo_reason), sizeof(struct embargo_reason),
				  0, NULL },
	[EMBARGO_MAP_WAIVED] = KEYED(struct embargo_waived_entry, digest, set, compare_digests),
	[EMBARGO_MAP_WAIVER_SETS] = { 0, sizeof(struct embargo_waiver_set),
				      sizeof(struct embargo_waiver_set), 0, NULL },
	[EMBARGO_MAP_WAIVERS] = { 0, sizeof(struct embargo_permit), sizeof(struct embargo_permit),
				  0, NULL },
	[EMBARGO_MAP_PARTS] = { 0, sizeof(struct embargo_part), sizeof(struct embargo_part), 0,
				NULL },
};

static const struct form learned_form =
	KEYED(struct embargo_readback_learned, digest, learned, compare_digests);

struct entries {
	char *array;
	size_t count;
	size_t room;
};

static void take(const struct form *form, struct entries *entries, const char *keys,
		 const char *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *entry = entries->array + (entries->count + i) * form->entry_size;

		memcpy(entry, keys + i * form->key_size, form->key_size);
		memcpy(entry + form->value_at, values + i * form->value_size, form->value_size);
	}
	entries->count += count;
}

static int map_room(int map, size_t *room)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &size))
		return -errno;
	*room = info.max_entries;
	return 0;
}

/* All entries of @map, in the kernel's order. An array's keys are numbers: they are not kept. */
static int read_entries(int map, const struct form *form, struct entries *entries)
{
	size_t batch = entries->room < BATCH ? entries->room : BATCH;
	size_t key_size = form->key_size ? form->key_size : sizeof(__u32);
	_cleanup_free_
	char *keys = malloc(batch * key_size);
	_cleanup_free_
	char *values = malloc(batch * form->value_size);
	/* Where to go on: of a hash map a bucket's number, of an array a key. */
	__u32 at, *from = NULL;
	int error = 0;

	if (!keys || !values)
		return -ENOMEM;
	while (!error && entries->count < entries->room) {
		size_t left = entries->room - entries->count;
		__u32 count = left < batch ? left : batch;

		if (bpf_map_lookup_batch(map, from, &at, keys, values, &count, NULL))
			error = -errno;
		if (!error || error == -ENOENT)
			take(form, entries, keys, values, count);
		from = &at;
	}
	return error == -ENOENT ? 0 : error;
}

static int read_map(int map, const struct form *form, void *array, size_t *count)
{
	struct entries entries = { .count = 0 };
	int error = map_room(map, &entries.room);

	if (error)
		return error;
	entries.array = calloc(entries.room ? entries.room : 1, form->entry_size);
	if (!entries.array)
		return -ENOMEM;
	error = read_entries(map, form, &entries);
	if (error) {
		free(entries.array);
		return error;
	}
	if (form->compare)
		qsort(entries.array, entries.count, form->entry_size, form->compare);
	*(void **)array = entries.array;
	*count = entries.count;
	return 0;
}

static void close_inner(int (*inner)[INNER_MAPS])
{
	for (size_t i = 0; i < INNER_MAPS; i++)
		if ((*inner)[i] >= 0)
			close((*inner)[i]);
}

static int open_inner(const struct embargo_enforcement *enforcement, __u32 slot, int *inner)
{
	__u32 id;

	for (size_t i = 0; i < INNER_MAPS; i++) {
		if (bpf_map_lookup_elem(enforcement->maps[i], &slot, &id))
			return -errno;
		inner[i] = bpf_map_get_fd_by_id(id);
		if (inner[i] < 0)
			return -errno;
	}
	return 0;
}

/*
 * The maps of the generation in force. They are never changed again, and a descriptor keeps them:
 * it is enough that no other generation came while they were opened.
 */
static int open_generation(const struct embargo_enforcement *enforcement,
			   struct embargo_generation *head, int (*inner)[INNER_MAPS])
{
	struct embargo_generation after;
	int error;

	for (int i = 0; i < TRIES; i++) {
		error = embargo_enforcement_head(enforcement, head);
		if (error)
			return error;
		if (!head->number)
			return -ENOENT;
		error = open_inner(enforcement, head->number & 1, *inner);
		if (!error)
			error = embargo_enforcement_head(enforcement, &after);
		if (!error && after.number == head->number)
			return 0;
		close_inner(inner);
		memset(*inner, -1, sizeof(*inner));
	}
	return error ? error : -EAGAIN;
}

/* What was learned in former generations is in the way until somebody removes it. */
static void drop_former(struct embargo_readback *readback)
{
	size_t kept = 0;

	for (size_t i = 0; i < readback->learned_count; i++)
		if (readback->learned[i].learned.generation == readback->tables.head.number)
			readback->learned[kept++] = readback->learned[i];
	readback->learned_count = kept;
}

static int read_generation(const struct embargo_enforcement *enforcement, const int *inner,
			   struct embargo_readback *readback)
{
	struct embargo_tables *tables = &readback->tables;
	const struct {
		void *array;
		size_t *count;
	} targets[INNER_MAPS] = {
		[EMBARGO_MAP_DIGESTS] = { &tables->digests, &tables->digest_count },
		[EMBARGO_MAP_SIZES] = { &tables->sizes, &tables->size_count },
		[EMBARGO_MAP_PATHS] = { &tables->paths, &tables->path_count },
		[EMBARGO_MAP_SIGNERS] = { &tables->signers, &tables->signer_count },
		[EMBARGO_MAP_TIMELINES] = { &tables->timelines, &tables->timeline_count },
		[EMBARGO_MAP_REASONS] = { &tables->reasons, &tables->reason_count },
		[EMBARGO_MAP_WAIVED] = { &tables->waived, &tables->waived_count },
		[EMBARGO_MAP_WAIVER_SETS] = { &tables->waiver_sets, &tables->waiver_set_count },
		[EMBARGO_MAP_WAIVERS] = { &tables->waivers, &tables->waiver_count },
		[EMBARGO_MAP_PARTS] = { &tables->parts, &tables->part_count },
	};
	int error = 0;

	for (size_t i = 0; i < INNER_MAPS && !error; i++)
		error = read_map(inner[i], &forms[i], targets[i].array, targets[i].count);
	if (!error)
		error = read_map(enforcement->maps[EMBARGO_MAP_LEARNED], &learned_form,
				 &readback->learned, &readback->learned_count);
	if (!error)
		drop_former(readback);
	return error;
}

int embargo_readback_read(const struct embargo_enforcement *enforcement,
			  struct embargo_readback *readback)
{
	_cleanup_(embargo_readback_free) struct embargo_readback found = { .learned = NULL };
	_cleanup_(close_inner) int inner[INNER_MAPS];
	int error;

	memset(inner, -1, sizeof(inner));
	error = open_generation(enforcement, &found.tables.head, &inner);
	if (!error)
		error = read_generation(enforcement, inner, &found);
	if (error)
		return error;
	*readback = found;
	found = (struct embargo_readback) { .learned = NULL };
	return 0;
}

void embargo_readback_free(struct embargo_readback *readback)
{
	embargo_tables_free(&readback->tables);
	free(readback->learned);
	*readback = (struct embargo_readback) { .learned = NULL };
}

const struct embargo_learned_digest *embargo_readback_learned_find(
	const struct embargo_readback *readback, const struct embargo_digest *digest)
{
	const struct embargo_readback_learned *found =
		readback->learned_count
			? bsearch(digest, readback->learned, readback->learned_count,
				  sizeof(*found), compare_digests)
			: NULL;

	return found ? &found->learned : NULL;
}
