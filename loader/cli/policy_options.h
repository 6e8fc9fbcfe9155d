/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that choose policies, the same for every verb that takes them. */
#ifndef EMBARGO_CLI_POLICY_OPTIONS_H
#define EMBARGO_CLI_POLICY_OPTIONS_H

#include "loader/cli/options.h"
#include "loader/policy/policy.h"

struct embargo_policy_options {
	struct embargo_texts policies;
	const char *profile;
};

/* The table rows, for an options struct that has `struct embargo_policy_options` as its member
 * @member. */
#define EMBARGO_POLICY_OPTIONS(holder, member)                                                   \
	{ .name = "policy",                                                                      \
	  .argument = "FILE",                                                                    \
	  .summary = "a policy or a folder of policies, instead of the host's; may be repeated", \
	  .type = EMBARGO_OPTION_TEXTS,                                                          \
	  .offset = offsetof(holder, member.policies) },                                         \
	{                                                                                        \
		.name = "profile", .argument = "NAME",                                           \
		.summary = "the profile that chooses among the schedules of a rule",             \
		.type = EMBARGO_OPTION_TEXT, .offset = offsetof(holder, member.profile)          \
	}

static inline struct embargo_policy_request embargo_policy_options_request(
	const struct embargo_policy_options *options)
{
	return (struct embargo_policy_request) {
		.files = options->policies.text,
		.count = options->policies.count,
		.profile = options->profile,
	};
}

#endif
