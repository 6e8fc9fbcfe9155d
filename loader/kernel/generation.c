// SPDX-License-Identifier: GPL-2.0-or-later
/* Installing a generation: new inner maps, filled and frozen, then one number flipped. */
#include "loader/kernel/generation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/heads.h"
#include "loader/kernel/sightings.h"

#define BATCH 16384 /* entries a system call */

/* A judgement takes microseconds; one that began before the flip is over after this. */
#define GRACE_US 20000

/*
 * Entries that a former generation may go on holding until the next reload takes their place: some
 * 2 MiB. To let a table go takes the kernel tens of milliseconds, as it waits for each CPU.
 */
#define KEPT_ENTRIES 10000

/* One table: the form of its inner map, and how to lay its entries out as keys and values. */
struct table {
	const char *name;
	enum bpf_map_type type;
	__u32 key_size;
	__u32 value_size;
	__u32 flags;
	void (*entry)(const struct embargo_tables *tables, size_t index, void *key, void *value);
};

static void digest_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &tables->digests[index].digest, sizeof(struct embargo_digest));
	memcpy(value, &tables->digests[index].listed, sizeof(struct embargo_listed));
}

static void size_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &tables->sizes[index].size, sizeof(__u64));
	memcpy(value, &tables->sizes[index].scopes, sizeof(__u32));
}

static void path_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &tables->paths[index].key, sizeof(struct embargo_path_key));
	memcpy(value, &tables->paths[index].node, sizeof(struct embargo_path_node));
}

static void signer_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &tables->signers[index].key, sizeof(struct embargo_signer_key));
	memcpy(value, &tables->signers[index].is, sizeof(struct embargo_named_signer));
}

static void timeline_entry(const struct embargo_tables *tables, size_t index, void *key,
			   void *value)
{
	memcpy(key, &(__u32) { index }, sizeof(__u32));
	memcpy(value, &tables->timelines[index], sizeof(struct embargo_timeline));
}

static void reason_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &(__u32) { index }, sizeof(__u32));
	memcpy(value, &tables->reasons[index], sizeof(struct embargo_reason));
}

static void waived_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &tables->waived[index].digest, sizeof(struct embargo_digest));
	memcpy(value, &tables->waived[index].set, sizeof(__u32));
}

static void waiver_set_entry(const struct embargo_tables *tables, size_t index, void *key,
			     void *value)
{
	memcpy(key, &(__u32) { index }, sizeof(__u32));
	memcpy(value, &tables->waiver_sets[index], sizeof(struct embargo_waiver_set));
}

static void waiver_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &(__u32) { index }, sizeof(__u32));
	memcpy(value, &tables->waivers[index], sizeof(struct embargo_permit));
}

static void part_entry(const struct embargo_tables *tables, size_t index, void *key, void *value)
{
	memcpy(key, &(__u32) { index }, sizeof(__u32));
	memcpy(value, &tables->parts[index], sizeof(struct embargo_part));
}

enum table_name {
	DIGESTS,
	SIZES,
	PATHS,
	SIGNERS,
	TIMELINES,
	REASONS,
	WAIVED,
	WAIVER_SETS,
	WAIVERS,
	PARTS,
	TABLES
};

static const struct table table_forms[] = {
	[DIGESTS] = { "digests", BPF_MAP_TYPE_HASH, sizeof(struct embargo_digest),
		      sizeof(struct embargo_listed), 0, digest_entry },
	[SIZES] = { "sizes", BPF_MAP_TYPE_HASH, sizeof(__u64), sizeof(__u32), 0, size_entry },
	[PATHS] = { "paths", BPF_MAP_TYPE_HASH, sizeof(struct embargo_path_key),
		    sizeof(struct embargo_path_node), 0, path_entry },
	[SIGNERS] = { "signers", BPF_MAP_TYPE_HASH, sizeof(struct embargo_signer_key),
		      sizeof(struct embargo_named_signer), 0, signer_entry },
	[TIMELINES] = { "timelines", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
			sizeof(struct embargo_timeline), BPF_F_INNER_MAP, timeline_entry },
	[REASONS] = { "reasons", BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct embargo_reason),
		      BPF_F_INNER_MAP, reason_entry },
	[WAIVED] = { "waived", BPF_MAP_TYPE_HASH, sizeof(struct embargo_digest), sizeof(__u32), 0,
		     waived_entry },
	[WAIVER_SETS] = { "waiver_sets", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
			  sizeof(struct embargo_waiver_set), BPF_F_INNER_MAP, waiver_set_entry },
	[WAIVERS] = { "waivers", BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct embargo_permit),
		      BPF_F_INNER_MAP, waiver_entry },
	[PARTS] = { "parts", BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct embargo_part),
		    BPF_F_INNER_MAP, part_entry },
};
_Static_assert(ARRAY_SIZE(table_forms) == TABLES, "a form for each table");

static size_t table_entries(const struct embargo_tables *tables, enum table_name name)
{
	const size_t counts[] = {
		[DIGESTS] = tables->digest_count,     [SIZES] = tables->size_count,
		[PATHS] = tables->path_count,	      [SIGNERS] = tables->signer_count,
		[TIMELINES] = tables->timeline_count, [REASONS] = tables->reason_count,
		[WAIVED] = tables->waived_count,      [WAIVER_SETS] = tables->waiver_set_count,
		[WAIVERS] = tables->waiver_count,     [PARTS] = tables->part_count,
	};

	return counts[name];
}

static int outer_fd(const struct embargo_generation_maps *maps, enum table_name name)
{
	const int outer[] = {
		[DIGESTS] = maps->digests,     [SIZES] = maps->sizes,
		[PATHS] = maps->paths,	       [SIGNERS] = maps->signers,
		[TIMELINES] = maps->timelines, [REASONS] = maps->reasons,
		[WAIVED] = maps->waived,       [WAIVER_SETS] = maps->waiver_sets,
		[WAIVERS] = maps->waivers,     [PARTS] = maps->parts,
	};

	return outer[name];
}

static int fill(int map, const struct table *form, const struct embargo_tables *tables,
		size_t entries)
{
	size_t most = entries < BATCH ? entries : BATCH;
	_cleanup_free_
	char *keys = malloc(most * form->key_size + 1);
	_cleanup_free_
	char *values = calloc(most + 1, form->value_size);

	if (!keys || !values)
		return -ENOMEM;
	for (size_t done = 0; done < entries;) {
		__u32 now = entries - done < most ? entries - done : most;

		for (__u32 i = 0; i < now; i++)
			form->entry(tables, done + i, keys + (size_t)i * form->key_size,
				    values + (size_t)i * form->value_size);
		if (bpf_map_update_batch(map, keys, values, &now, NULL))
			return -errno;
		done += now;
	}
	return 0;
}

/* Makes, fills and freezes the inner map of one table, which no program may write either; returns
 * its descriptor. */
static int make(const struct table *form, const struct embargo_tables *tables, size_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = form->flags | BPF_F_RDONLY_PROG);
	_cleanup_close_ int map = bpf_map_create(form->type, form->name, form->key_size,
						 form->value_size, entries ? entries : 1, &options);
	int error;

	if (map < 0)
		return -errno;
	error = fill(map, form, tables, entries);
	if (error)
		return error;
	if (bpf_map_freeze(map))
		return -errno;
	return TAKE_FD(map);
}

static int install_table(const struct embargo_generation_maps *maps,
			 const struct embargo_tables *tables, enum table_name name, __u32 slot,
			 struct embargo_diagnostic *diagnostic)
{
	const struct table *form = &table_forms[name];
	size_t entries = table_entries(tables, name);
	_cleanup_close_ int inner = make(form, tables, entries);
	int error = inner < 0 ? inner : 0;

	if (!error && bpf_map_update_elem(outer_fd(maps, name), &slot, &inner, BPF_ANY))
		error = -errno;
	if (!error)
		return 0;
	embargo_diagnostic_remedy(diagnostic, "make room, or list fewer");
	return embargo_diagnostic_what(diagnostic, error,
				       "the kernel did not take the table of %zu %s (%zu KiB): %s",
				       entries, form->name,
				       entries * (form->key_size + form->value_size) >> 10,
				       strerror(-error));
}

static void release_heads(struct embargo_generation **heads)
{
	embargo_heads_release(*heads);
}

int embargo_generation_install(const struct embargo_generation_maps *maps,
			       const struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(release_heads) struct embargo_generation *heads = NULL;
	__u64 number;
	__u32 zero = 0;
	int error = embargo_heads_open(maps->generations, &heads);

	if (!error && bpf_map_lookup_elem(maps->current, &zero, &number))
		error = -errno;
	if (error)
		return embargo_diagnostic_what(diagnostic, error,
					       "cannot read the generation in force: %s",
					       strerror(-error));
	number++;
	for (enum table_name name = 0; !error && name < TABLES; name++)
		error = install_table(maps, tables, name, number & 1, diagnostic);
	if (error)
		return error;
	/* Who is killed right behind the flip would leave rules of which nobody is told a file. */
	error = tables->head.classifies
			? embargo_sightings_begin(maps->sight_key, tables->head.classifies)
			: 0;
	if (error)
		return embargo_diagnostic_what(diagnostic, error, "cannot begin the sightings: %s",
					       strerror(-error));
	embargo_heads_put(heads, &tables->head, number);
	if (bpf_map_update_elem(maps->current, &zero, &number, BPF_ANY))
		return embargo_diagnostic_what(diagnostic, -errno, "cannot flip the generation: %s",
					       strerror(errno));
	/* Anew: what was told of before the flip went by the former rules. */
	error = embargo_sightings_begin(maps->sight_key, tables->head.classifies);
	if (error)
		return embargo_diagnostic_what(diagnostic, error, "cannot begin the sightings: %s",
					       strerror(-error));
	return 0;
}

void embargo_generation_release(const struct embargo_generation_maps *maps)
{
	struct embargo_generation heads[2], *former;
	__u64 number;
	__u32 zero = 0, slot;

	if (bpf_map_lookup_elem(maps->current, &zero, &number))
		return;
	slot = (number + 1) & 1;
	former = &heads[slot];
	if (bpf_map_lookup_elem(maps->generations, &zero, heads) ||
	    (__u64)former->digest_count + former->size_count + former->path_count +
			    former->signer_count <
		    KEPT_ENTRIES)
		return;
	usleep(GRACE_US);
	for (enum table_name name = 0; name < TABLES; name++)
		bpf_map_delete_elem(outer_fd(maps, name), &slot);
}
