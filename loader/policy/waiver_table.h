/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The waivers of a generation: what names each of them, collected and then united into sets. */
#ifndef EMBARGO_POLICY_WAIVER_TABLE_H
#define EMBARGO_POLICY_WAIVER_TABLE_H

#include "loader/policy/policy.h"

/* One digest that one waiver names. */
struct embargo_waived_naming {
	struct embargo_digest digest;
	__u32 waiver;
};

struct embargo_waiver_table {
	const struct embargo_policy_set *set;
	struct embargo_waived_naming *namings;
	size_t count, room;
	__u32 *kexec; /* waivers that name kexec_load(2) */
	size_t kexec_count;
	struct embargo_waiver_set *sets; /* set 0 is empty */
	size_t set_count, set_room;
};

/*
 * Numbers the waivers of @set over all its policies in their order, from 1, and writes them into
 * @tables: nothing where there are none. Errors: -E2BIG more than EMBARGO_POLICY_WAIVERS, -ENOMEM.
 */
int embargo_waiver_table_begin(struct embargo_waiver_table *table,
			       const struct embargo_policy_set *set, struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic);

/* The waiver of that number, and (may be NULL) its policy. */
const struct embargo_waiver *embargo_waiver_find(const struct embargo_policy_set *set, __u32 number,
						 const struct embargo_policy **policy);

/* Errors: -ENOMEM. */
int embargo_waiver_table_add(struct embargo_waiver_table *table,
			     const struct embargo_digest *digest, __u32 waiver);
void embargo_waiver_table_add_kexec(struct embargo_waiver_table *table, __u32 waiver);

/*
 * The set of the waivers numbered @waivers (ascending, each once), which it may have to make. An
 * empty one is set 0. Errors: -E2BIG more than EMBARGO_WAIVERS_MEET, -ENOMEM.
 */
int embargo_waiver_table_unite(struct embargo_waiver_table *table, const __u32 *waivers,
			       size_t count, __u32 *set, struct embargo_diagnostic *diagnostic);

/* Writes digests and kexec into @tables; then the sets, when no more are to come. */
int embargo_waiver_table_emit(struct embargo_waiver_table *table, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic);
void embargo_waiver_table_end(struct embargo_waiver_table *table, struct embargo_tables *tables);
void embargo_waiver_table_free(struct embargo_waiver_table *table);

#endif
