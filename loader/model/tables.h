/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiled policy: the very tables that the kernel half gets, held in memory. */
#ifndef EMBARGO_MODEL_TABLES_H
#define EMBARGO_MODEL_TABLES_H

#include <stddef.h>

#include "bpf/abi.h"

struct embargo_digest_entry {
	struct embargo_digest digest;
	struct embargo_listed listed;
};

struct embargo_size_entry {
	__u64 size;
	__u32 scopes;
	__u32 reserved;
};

struct embargo_path_entry {
	struct embargo_path_key key;
	struct embargo_path_node node;
};

struct embargo_signer_entry {
	struct embargo_signer_key key;
	struct embargo_named_signer is;
};

struct embargo_waived_entry {
	struct embargo_digest digest;
	__u32 set;
};

/* Index 0 of timelines and reasons is never referred to: 0 says "none". */
struct embargo_tables {
	struct embargo_generation head;	      /* number is 0 until the tables are installed */
	struct embargo_digest_entry *digests; /* by digest, ascending, each once */
	size_t digest_count;
	struct embargo_size_entry *sizes; /* by size, ascending, each once */
	size_t size_count;
	struct embargo_path_entry *paths; /* by key bytes, ascending, each once */
	size_t path_count;
	struct embargo_signer_entry *signers; /* by key bytes, ascending, each once */
	size_t signer_count;
	struct embargo_timeline *timelines;
	size_t timeline_count;
	struct embargo_reason *reasons;
	size_t reason_count;
	/* All of these are empty where no policy has waivers; parts begin with one for each
	 * timeline. */
	struct embargo_waived_entry *waived; /* by digest, ascending, each once */
	size_t waived_count;
	struct embargo_waiver_set *waiver_sets;
	size_t waiver_set_count;
	struct embargo_permit *waivers; /* numbered over all policies in their order, from 1 */
	size_t waiver_count;
	struct embargo_part *parts;
	size_t part_count;
	/*
	 * For each rule, numbered over all policies in their order: its own timeline where it names
	 * something that is found in files, else 0. They come before all other timelines, in the
	 * order of their rules: who knows the policies, and not the lists, has the same numbers.
	 */
	__u32 *rule_timelines;
	size_t rule_count;
};

void embargo_tables_free(struct embargo_tables *tables);

/* The entry of @digest, or NULL. */
const struct embargo_listed *embargo_tables_digest(const struct embargo_tables *tables,
						   const struct embargo_digest *digest);

/* The set of waivers of @digest; 0 is none. */
__u32 embargo_tables_waived(const struct embargo_tables *tables,
			    const struct embargo_digest *digest);

/* The scopes in which a file of @size bytes could match a sized digest. */
__u32 embargo_tables_size(const struct embargo_tables *tables, __u64 size);

/*
 * The key of a component's next chunk below @node: takes it off @name, of which @length bytes (at
 * least one) are left. How components are cut stands here alone.
 */
void embargo_path_key_take(struct embargo_path_key *key, __u32 node, const char **name,
			   size_t *length);

/* The timeline of @listed in @scope, which is one of those it has, or 0: any. */
static inline __u32 embargo_listed_timeline(const struct embargo_listed *listed, __u32 scope)
{
	return scope == EMBARGO_SCOPE_OPEN ? listed->opens : listed->timeline;
}

/*
 * Calls @each with the timelines whose path rule covers @path (absolute, resolved, as the initial
 * mount namespace sees it), and with the set of waivers that does, from the root down; either may
 * be 0. In the scope of opening only rules count that reach so far. Returns how many calls there
 * were.
 */
size_t embargo_tables_path(const struct embargo_tables *tables, const char *path, __u32 scope,
			   void (*each)(void *context, __u32 timeline, __u32 waived),
			   void *context);

#endif
