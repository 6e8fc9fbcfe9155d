/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What policies say of themselves, held against what they said before. */
#ifndef EMBARGO_DIFF_HEADS_H
#define EMBARGO_DIFF_HEADS_H

#include "loader/policy/policy.h"

struct embargo_head_change {
	const char *policy;
	const char *subject; /* "authority law", or NULL: the policy itself */
	const char *field;   /* "version", or NULL: the whole subject came or went */
	const char *old;     /* NULL: was not there */
	const char *fresh;   /* NULL: is not there any more */
	const char *remark;  /* what that means, or NULL */
};

/*
 * Calls @each for each difference between policies of one id, and for those that came or went.
 * Errors: what @each returns.
 */
int embargo_diff_heads(const struct embargo_policy_set *old, const struct embargo_policy_set *fresh,
		       int (*each)(void *context, const struct embargo_head_change *change),
		       void *context);

#endif
