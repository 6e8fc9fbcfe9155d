/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comments of a policy: where its authors say what its facts rest on. */
#ifndef EMBARGO_POLICY_COMMENT_H
#define EMBARGO_POLICY_COMMENT_H

#include "loader/policy/policy.h"

/*
 * The comment lines before anything else in @policy, without their signs of comments and without
 * SPDX's line, a line break after each; NULL: there are none, or no memory (errno tells: ENOMEM).
 * The caller frees. A line that begins with "unverified:" says that what it is about was not seen
 * in any source.
 */
char *embargo_comment_head(const struct embargo_policy *policy);

/* The same for the lines right above what stands at @mark, as far as they are comments. */
char *embargo_comment_above(const struct embargo_policy *policy, struct embargo_mark mark);

#endif
