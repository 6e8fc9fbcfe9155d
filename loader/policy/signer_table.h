/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signers of kernel modules that the kernel half looks up: collected from rules, then united.
 */
#ifndef EMBARGO_POLICY_SIGNER_TABLE_H
#define EMBARGO_POLICY_SIGNER_TABLE_H

#include "loader/policy/timeline.h"
#include "loader/policy/waiver_table.h"

/* One naming of a signer, by one rule or one waiver. */
struct embargo_signer_naming {
	struct embargo_signer_key key;
	__u32 waiver; /* 0: by a rule */
	__u32 rule;
};

struct embargo_signer_table {
	struct embargo_signer_naming *namings;
	size_t count, room;
};

/*
 * The key by which the kernel half finds signers like @identity, of the kind MODULE_SIGNER. Errors:
 * -ENOTSUP where it cannot (see embargo_signer_key_make()): user space has to.
 */
int embargo_signer_table_key(const struct embargo_identity *identity,
			     struct embargo_signer_key *key);

/* Errors: as embargo_signer_table_key(), -ENOMEM. */
int embargo_signer_table_add(struct embargo_signer_table *table,
			     const struct embargo_identity *identity, __u32 rule);
int embargo_signer_table_waive(struct embargo_signer_table *table,
			       const struct embargo_identity *identity, __u32 waiver);

/* Writes the signers into @tables, and count and combinations of rules and waivers into its head.
 */
int embargo_signer_table_emit(struct embargo_signer_table *table,
			      struct embargo_timelines *timelines,
			      struct embargo_waiver_table *waivers, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic);
void embargo_signer_table_free(struct embargo_signer_table *table);

#endif
