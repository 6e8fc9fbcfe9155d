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

/* Its parts: whom to tell, and of which policy. */
struct embargo_heads {
	int (*each)(void *context, const struct embargo_head_change *change);
	void *context;
	const char *policy;
};

/* Tells where @old and @fresh (either may be NULL) are not the same text, or moment. */
int embargo_heads_compare(const struct embargo_heads *heads, const char *subject, const char *field,
			  const char *old, const char *fresh, const char *remark);
int embargo_heads_compare_moments(const struct embargo_heads *heads, const char *subject,
				  const char *field, const struct embargo_moment *old,
				  const struct embargo_moment *fresh);

/* The waivers of two policies: one is the same by what it names and by its ticket. */
int embargo_heads_compare_waivers(const struct embargo_heads *heads,
				  const struct embargo_policy *old,
				  const struct embargo_policy *fresh);

#endif
