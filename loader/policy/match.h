/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Match: which rules a file falls under by what was found in it. */
#ifndef EMBARGO_POLICY_MATCH_H
#define EMBARGO_POLICY_MATCH_H

#include "loader/policy/policy.h"

/* What is known of one file. */
struct embargo_evidence {
	const struct embargo_identities *identities;
	const struct embargo_digest *digest; /* of the content that the kernel would look up */
	uint64_t size;			     /* ... in bytes */
	const char *path;		     /* resolved, or NULL where none is known */
};

/*
 * Does @rule want files to be looked into? Not a rule whose `any:` only names digests, paths and
 * what else the kernel half finds by itself.
 */
bool embargo_rule_classifies(const struct embargo_rule *rule);

/* The scopes in which a file that @rule matches by looking into it could be met; 0: none does. */
__u32 embargo_rule_scopes(const struct embargo_rule *rule);

/*
 * Does @rule match by @evidence? Of `any:`, digests and paths do not count here: the kernel half
 * compares them itself, where they are. @by (may be NULL) gets what was found in the file and made
 * the rule match; of `all:` the first such.
 */
bool embargo_rule_matches(const struct embargo_rule *rule, const struct embargo_evidence *evidence,
			  const struct embargo_identity **by);

/*
 * Calls @each with the number of each rule of @set that matches, counted over all its policies in
 * their order, and with what it matched by. Returns how many there were.
 */
size_t embargo_policy_set_match(
	const struct embargo_policy_set *set, const struct embargo_evidence *evidence,
	void (*each)(void *context, size_t rule, const struct embargo_identity *by), void *context);

/*
 * Where files are met in which what @waiver names is found by looking into them; 0: the kernel half
 * alone finds it.
 */
__u32 embargo_waiver_scopes(const struct embargo_waiver *waiver);

/*
 * Calls @each with the number of each waiver of @set that is for what was found in a file (counted
 * over all its policies in their order, from 1), and with what that was. A rule may go by what a
 * file claims; a certificate that somebody made in another's name is no permission.
 */
void embargo_policy_set_match_waivers(const struct embargo_policy_set *set,
				      const struct embargo_evidence *evidence,
				      void (*each)(void *context, __u32 waiver,
						   const struct embargo_identity *by),
				      void *context);

/* The rule of that number. */
const struct embargo_rule *embargo_policy_set_rule(const struct embargo_policy_set *set,
						   size_t rule);

/* Names the rule of that number. */
void embargo_policy_set_name(const struct embargo_policy_set *set, size_t rule,
			     const char **policy_id, const char **rule_id);

#endif
