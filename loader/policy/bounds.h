/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules as this host has them: each with the schedule of its profile, and the reasons of that. */
#ifndef EMBARGO_POLICY_BOUNDS_H
#define EMBARGO_POLICY_BOUNDS_H

#include "loader/policy/timeline.h"

/*
 * All rules of @set, in their order, each with its schedule. The caller frees @bounds. Errors:
 * -E2BIG too many rules, -EINVAL no schedule for the host's profile, -ENOMEM; @diagnostic says
 * which.
 */
int embargo_bounds_make(const struct embargo_policy_set *set, struct embargo_bound **bounds,
			size_t *count, struct embargo_diagnostic *diagnostic);

/*
 * Ties what the settings ask for besides to @bounds, which are all of @set. Refuses (-EINVAL) what
 * would make no rule stricter at any time, and among the host's own policies what names none.
 */
int embargo_bounds_tighten(const struct embargo_policy_set *set, struct embargo_bound *bounds,
			   size_t count, struct embargo_diagnostic *diagnostic);

/* Numbers the reasons of all stages, from 1, and puts them into @tables. Errors: -ENOMEM. */
int embargo_bounds_reasons(struct embargo_bound *bounds, size_t count,
			   struct embargo_tables *tables);

#endif
