/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reload under a closed guard: what it may change, and what has to stay as it was. */
#ifndef EMBARGO_ENACT_GUARDED_H
#define EMBARGO_ENACT_GUARDED_H

#include "loader/base/diagnostic.h"
#include "loader/policy/policy.h"

/* Notes the settings, the anchors and the machine's id as they are, for this process and those that
 * it forks. Errors: -errno. */
int embargo_guarded_note(struct embargo_diagnostic *diagnostic);

/*
 * Refuses (-EPERM), while the guard is closed, a reload of @set by other settings or anchors than
 * those that were noted, without a policy that is in force, or with an older edition of one: what
 * editions.h remembers may have been lost while the guard was open.
 */
int embargo_guarded_check(const struct embargo_policy_set *set,
			  struct embargo_diagnostic *diagnostic);

/* Refuses (-EPERM) where settings or anchors are others than those that were noted. */
int embargo_guarded_unchanged(struct embargo_diagnostic *diagnostic);

/* The machine's id (/etc/machine-id) as it was noted; "" where there was none. */
const char *embargo_guarded_machine(void);

#endif
