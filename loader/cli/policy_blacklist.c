// SPDX-License-Identifier: GPL-2.0-or-later
/* What policies deny now of modules and of files of any kind, as entries of the kernel's keyring
 * .blacklist. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/cli/policy_report.h"
#include "loader/policy/bounds.h"
#include "loader/policy/list.h"

struct printing {
	const struct embargo_policy_set *set;
	const struct embargo_policy *policy; /* whose rule it is */
	int64_t now;
};

/* What is in the keyring nobody takes out again before the next boot: a waiver to come counts. */
static bool is_waived(const struct printing *printing, const struct embargo_digest *digest)
{
	for (size_t i = 0; i < printing->set->count; i++) {
		const struct embargo_policy *policy = printing->set->policies[i];

		if (!embargo_policy_waives(policy, printing->policy))
			continue;
		for (size_t j = 0; j < policy->waiver_count; j++)
			if (policy->waivers[j].until > printing->now &&
			    policy->waivers[j].identity.identity.kind == EMBARGO_IDENTITY_SHA256 &&
			    !memcmp(&policy->waivers[j].identity.digest, digest, sizeof(*digest)))
				return true;
	}
	return false;
}

static void print_digest(const struct printing *printing, const struct embargo_digest *digest)
{
	char hex[2 * EMBARGO_SHA256_SIZE + 1];

	if (!is_waived(printing, digest))
		printf("bin:%s\n", embargo_hex_format(digest->bytes, EMBARGO_SHA256_SIZE, hex));
}

static int print_entry(void *context, const struct embargo_list_entry *entry)
{
	print_digest(context, &entry->digest);
	return 0;
}

/* The keyring knows no dates, and no files that may stay. */
static bool denies(const struct embargo_schedule *schedule, int64_t now)
{
	enum embargo_action action = EMBARGO_ACTION_UNKNOWN;

	for (size_t i = 0; i < schedule->stage_count && schedule->stages[i].at <= now; i++)
		action = schedule->stages[i].action;
	return action == EMBARGO_ACTION_DENY;
}

static int print_rule(struct printing *printing, const struct embargo_bound *bound,
		      struct embargo_diagnostic *diagnostic)
{
	const struct embargo_rule *rule = bound->rule;
	int error = 0;

	printing->policy = bound->policy;
	for (size_t i = 0; i < rule->list_count && !error; i++)
		if (rule->lists[i].of == EMBARGO_KIND_MODULE ||
		    rule->lists[i].of == EMBARGO_KIND_ANY)
			error = embargo_list_read(bound->policy, &rule->lists[i], print_entry,
						  printing, diagnostic);
	/* The keyring's entries hold each for itself: nothing there says "both". */
	for (size_t i = 0; i < rule->pattern_count && !rule->all && !error; i++)
		if (rule->patterns[i].identity.kind == EMBARGO_IDENTITY_SHA256)
			print_digest(printing, &rule->patterns[i].digest);
	return error;
}

int embargo_policy_blacklist(const struct embargo_policy_set *set, int64_t now,
			     struct embargo_diagnostic *diagnostic)
{
	struct printing printing = { .set = set, .now = now };
	_cleanup_free_
	struct embargo_bound *bounds = NULL;
	size_t count;
	int error = embargo_bounds_make(set, &bounds, &count, diagnostic);

	for (size_t i = 0; !error && i < count; i++)
		if (denies(bounds[i].schedule, now) || denies(&bounds[i].host, now))
			error = print_rule(&printing, &bounds[i], diagnostic);
	return error;
}
