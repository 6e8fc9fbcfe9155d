/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digests of a generation: collected from lists and rules, then sorted and united. */
#ifndef EMBARGO_POLICY_DIGEST_TABLE_H
#define EMBARGO_POLICY_DIGEST_TABLE_H

#include "loader/policy/timeline.h"

/* One naming of a digest by one rule: 48 bytes, for there may be millions. */
struct embargo_naming {
	struct embargo_digest digest;
	__u64 size; /* 0: unknown */
	__u32 rule;
	__u32 scopes;
};

struct embargo_digest_table {
	struct embargo_naming *namings;
	size_t count, room;
};

/* Where the kernel looks up a digest of a file of @kind. */
__u32 embargo_kind_scopes(enum embargo_kind kind, bool sized);

/* ... for the sake of a rule: of any kind also where it is opened, if the rule @opens. */
static inline __u32 embargo_reach_scopes(enum embargo_kind kind, bool sized, bool opens)
{
	return embargo_kind_scopes(kind, sized) | (opens ? EMBARGO_SCOPE_OPEN : 0);
}

/* @size of 0 is unknown. Errors: -ENOMEM, -E2BIG more than EMBARGO_POLICY_DIGESTS. */
int embargo_digest_table_add(struct embargo_digest_table *table,
			     const struct embargo_digest *digest, __u64 size, __u32 scopes,
			     __u32 rule);

/* Writes digests and sizes into @tables, and their scopes and counts into its head. */
int embargo_digest_table_emit(struct embargo_digest_table *table,
			      struct embargo_timelines *timelines, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic);
void embargo_digest_table_free(struct embargo_digest_table *table);

#endif
