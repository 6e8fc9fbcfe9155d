/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policies in force as they were read: whoever classifies files goes by these, and not by what
 * somebody has written into the files since. */
#ifndef EMBARGO_ENACT_POLICIES_H
#define EMBARGO_ENACT_POLICIES_H

#include <stdint.h>

#include "loader/base/paths.h"
#include "loader/policy/policy.h"

/* /run/embargo/policies/INSTANCE-GENERATION/ holds their texts and the settings that chose among
 * their schedules; lists are left out. */
#define EMBARGO_ENACTED_FOLDER EMBARGO_RUN_FOLDER "/policies"

/* One enforcement, and one generation of it: a start begins to count generations anew. */
struct embargo_enacted_id {
	uint64_t instance; /* the inode of the folder of pins; 0: nothing enforces */
	uint64_t generation;
};

/* What is in force now. Errors: -ENOENT nothing is. */
int embargo_enacted_find(struct embargo_enacted_id *id);

/*
 * Keeps the texts of @set as those of @id, beside all others: before it is in force, so that
 * nobody who is ended in between leaves rules in force whose texts nobody has. Returns 0 or -errno.
 */
int embargo_enacted_write(const struct embargo_policy_set *set,
			  const struct embargo_enacted_id *id);

/* Reads the set back. Errors: -ENOENT where it is not there (yet); as embargo_policy_set_read(). */
int embargo_enacted_read(const struct embargo_enacted_id *id, struct embargo_policy_set **set,
			 struct embargo_diagnostic *diagnostic);

/* Forgets all but what is in force; where that cannot be told, nothing. */
void embargo_enacted_settle(void);

/* Forgets all: nothing is in force any more. */
void embargo_enacted_remove(void);

#endif
