// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy`: the verbs that work on policies. */
#include "loader/cli/cmd_policy.h"

/* clang-format off */
static const struct embargo_verb *const verbs[] = {
	&embargo_verb_policy_lint,
	&embargo_verb_policy_show,
	&embargo_verb_policy_schedule,
	&embargo_verb_policy_forecast,
	&embargo_verb_policy_diff,
	&embargo_verb_policy_import,
	&embargo_verb_policy_export,
	&embargo_verb_policy_sign,
	&embargo_verb_policy_verify,
	&embargo_verb_policy_versions,
	NULL,
};
/* clang-format on */

const struct embargo_verb embargo_verb_policy = {
	.name = "policy",
	.operands = "VERB",
	.summary = "check policies, show what they say and when, compare, fill and sign them",
	.verbs = verbs,
};
