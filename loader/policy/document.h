/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stages between a tree and a policy: parse takes values, validate ties them together. */
#ifndef EMBARGO_POLICY_DOCUMENT_H
#define EMBARGO_POLICY_DOCUMENT_H

#include "loader/policy/field.h"

/* Fills @policy from its document; names of other things are only noted. */
int embargo_document_parse(const struct embargo_reader *reader, const struct embargo_node *root,
			   struct embargo_policy *policy);

/* One of `rules:`, a struct embargo_rule. */
embargo_taker embargo_rule_take;

/* One of `any:` or `all:`, a struct embargo_pattern. */
embargo_taker embargo_pattern_take;

/* The same by its keys, where others stand beside them; and what only shows at the end. */
int embargo_pattern_take_key(const struct embargo_reader *reader, const struct embargo_node *key,
			     struct embargo_pattern *pattern);
int embargo_pattern_check(const struct embargo_reader *reader,
			  const struct embargo_pattern *pattern);

/* One of `waivers:`, a struct embargo_waiver; and `waives:`, a struct embargo_waives. */
embargo_taker embargo_waiver_take;
embargo_taker embargo_waives_take;

/* Refuses duplicate ids, names of what is not there, and what no host could compile. */
int embargo_document_validate(const struct embargo_reader *reader, struct embargo_policy *policy);

#endif
