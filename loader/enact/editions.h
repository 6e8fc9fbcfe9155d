/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The editions of a set of policies, held against those that were in force on this host before. */
#ifndef EMBARGO_ENACT_EDITIONS_H
#define EMBARGO_ENACT_EDITIONS_H

#include "loader/policy/policy.h"
#include "loader/trust/versions.h"

/* What could not be done; each is no reason not to enforce. */
struct embargo_editions_state {
	bool damaged;	   /* the file was, and is set aside */
	bool unremembered; /* it could not be written: an older edition could come back */
};

/*
 * May @policy be put in force where @versions are remembered? Fills the diagnostic. Errors: -ESTALE
 * as embargo_versions_check() has it, or of its digest.
 */
int embargo_editions_judge(const struct embargo_policy *policy,
			   const struct embargo_versions *versions,
			   struct embargo_diagnostic *diagnostic);

/*
 * Refuses (-ESTALE) a set in which a policy is older than what is remembered. The caller frees
 * @versions, for embargo_editions_keep() once the set is in force. -ENOMEM, or of reading.
 */
int embargo_editions_check(const struct embargo_policy_set *set, struct embargo_versions *versions,
			   struct embargo_diagnostic *diagnostic);

/* Remembers the editions of @set, which are in force now. */
void embargo_editions_keep(const struct embargo_policy_set *set, struct embargo_versions *versions,
			   struct embargo_editions_state *state);

#endif
