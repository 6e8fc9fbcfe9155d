// SPDX-License-Identifier: GPL-2.0-or-later
/* Matching rules against what was found in a file. */
#include "loader/policy/match.h"

#include <string.h>

#include "loader/policy/signer_table.h"

/* Kinds that the kernel half looks up by itself, wherever the file is met. */
static bool is_kernels(enum embargo_identity_kind kind)
{
	return kind == EMBARGO_IDENTITY_SHA256 || kind == EMBARGO_IDENTITY_PATH ||
	       kind == EMBARGO_IDENTITY_MEMORY;
}

/* Signers of modules it finds too, where it can hold what the rule says of them. */
static bool is_left_to_user_space(const struct embargo_pattern *pattern)
{
	struct embargo_signer_key key;

	if (pattern->identity.kind == EMBARGO_IDENTITY_MODULE_SIGNER)
		return embargo_signer_table_key(&pattern->identity, &key) != 0;
	return !is_kernels(pattern->identity.kind);
}

/* Where files are met in which something of @kind can be found. */
static __u32 kind_scopes(enum embargo_identity_kind kind)
{
	switch (kind) {
	case EMBARGO_IDENTITY_MODULE_SIGNER:
	case EMBARGO_IDENTITY_MODINFO:
		return EMBARGO_SCOPE_MODULE;
	case EMBARGO_IDENTITY_SONAME:
	case EMBARGO_IDENTITY_NEEDED:
		return EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPES_MAP;
	default:
		return EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP | EMBARGO_SCOPE_MODULE;
	}
}

__u32 embargo_rule_scopes(const struct embargo_rule *rule)
{
	__u32 any = 0, all = ~0U;

	for (size_t i = 0; i < rule->pattern_count; i++) {
		const struct embargo_pattern *pattern = &rule->patterns[i];

		all &= kind_scopes(pattern->identity.kind);
		if (is_left_to_user_space(pattern))
			any |= kind_scopes(pattern->identity.kind);
	}
	any = rule->all ? all : any;
	return any && rule->opens ? any | EMBARGO_SCOPE_OPEN : any;
}

bool embargo_rule_classifies(const struct embargo_rule *rule)
{
	return embargo_rule_scopes(rule) != 0;
}

static bool is_below(const char *path, const char *rule)
{
	size_t length = strlen(rule);

	return rule[length - 1] == '/' ? !strncmp(path, rule, length) : !strcmp(path, rule);
}

/* A package's note in a file does not say where the file lies: the file's own path does. */
static bool package_matches(const struct embargo_identity *found,
			    const struct embargo_identity *named, const char *path)
{
	struct embargo_value values[EMBARGO_ATTRIBUTES_MAX];
	struct embargo_identity placed = *found;

	if (!path || embargo_identity_value(found, EMBARGO_ATTRIBUTE_PATH) ||
	    found->count == EMBARGO_ATTRIBUTES_MAX)
		return embargo_identity_matches(found, named);
	memcpy(values, found->values, found->count * sizeof(*values));
	values[placed.count++] =
		(struct embargo_value) { .attribute = EMBARGO_ATTRIBUTE_PATH, .text = path };
	placed.values = values;
	return embargo_identity_matches(&placed, named);
}

/* Valid: the digest is the file's, and no anchor of this host speaks against the chain. */
static bool is_valid(const struct embargo_identity *found)
{
	return found->kind != EMBARGO_IDENTITY_X509 ||
	       (found->digest_ok == EMBARGO_VALIDITY_YES && found->chain_ok != EMBARGO_VALIDITY_NO);
}

static bool is_claim(const struct embargo_identity *found, const struct embargo_identity *named)
{
	(void)found;
	(void)named;
	return true;
}

static bool is_valid_claim(const struct embargo_identity *found,
			   const struct embargo_identity *named)
{
	(void)named;
	return is_valid(found);
}

/*
 * What a waiver demands. The signature is over this file, and its certificate is one that the
 * host's anchors vouch for, or the very one that the waiver names: else anybody signs what is
 * banned in the name that is waived.
 */
static bool is_certain(const struct embargo_identity *found, const struct embargo_identity *named)
{
	if (found->kind != EMBARGO_IDENTITY_X509)
		return true;
	return found->digest_ok == EMBARGO_VALIDITY_YES &&
	       (found->chain_ok == EMBARGO_VALIDITY_YES ||
		(found->chain_ok != EMBARGO_VALIDITY_NO &&
		 embargo_identity_value(named, EMBARGO_ATTRIBUTE_SHA256)));
}

typedef bool demand(const struct embargo_identity *found, const struct embargo_identity *named);

static const struct embargo_identity *find(const struct embargo_pattern *pattern,
					   const struct embargo_evidence *evidence,
					   demand *is_enough)
{
	for (size_t i = 0; i < evidence->identities->count; i++) {
		const struct embargo_identity *found = &evidence->identities->array[i];

		if (!is_enough(found, &pattern->identity))
			continue;
		if (pattern->identity.kind == EMBARGO_IDENTITY_PACKAGE
			    ? package_matches(found, &pattern->identity, evidence->path)
			    : embargo_identity_matches(found, &pattern->identity))
			return found;
	}
	return NULL;
}

static bool kernels_kind_matches(const struct embargo_pattern *pattern,
				 const struct embargo_evidence *evidence)
{
	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_SHA256:
		return (!pattern->sized || pattern->size == evidence->size) &&
		       !memcmp(&pattern->digest, evidence->digest, sizeof(pattern->digest));
	case EMBARGO_IDENTITY_PATH:
		return evidence->path && is_below(evidence->path, pattern->path);
	default:
		return false;
	}
}

static bool all_match(const struct embargo_rule *rule, const struct embargo_evidence *evidence,
		      const struct embargo_identity **by)
{
	const struct embargo_identity *first = NULL, *found;

	for (size_t i = 0; i < rule->pattern_count; i++) {
		const struct embargo_pattern *pattern = &rule->patterns[i];

		if (is_kernels(pattern->identity.kind)) {
			if (!kernels_kind_matches(pattern, evidence))
				return false;
			continue;
		}
		found = find(pattern, evidence, rule->require_valid ? is_valid_claim : is_claim);
		if (!found)
			return false;
		if (!first)
			first = found;
	}
	if (by)
		*by = first;
	return true;
}

static bool any_matches(const struct embargo_rule *rule, const struct embargo_evidence *evidence,
			const struct embargo_identity **by)
{
	for (size_t i = 0; i < rule->pattern_count; i++) {
		const struct embargo_identity *found;

		if (is_kernels(rule->patterns[i].identity.kind))
			continue;
		found = find(&rule->patterns[i], evidence,
			     rule->require_valid ? is_valid_claim : is_claim);
		if (!found)
			continue;
		if (by)
			*by = found;
		return true;
	}
	return false;
}

bool embargo_rule_matches(const struct embargo_rule *rule, const struct embargo_evidence *evidence,
			  const struct embargo_identity **by)
{
	return rule->all ? all_match(rule, evidence, by) : any_matches(rule, evidence, by);
}

size_t embargo_policy_set_match(
	const struct embargo_policy_set *set, const struct embargo_evidence *evidence,
	void (*each)(void *context, size_t rule, const struct embargo_identity *by), void *context)
{
	size_t number = 0, matched = 0;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++, number++) {
			const struct embargo_identity *by = NULL;

			if (!embargo_rule_matches(&set->policies[i]->rules[j], evidence, &by))
				continue;
			matched++;
			each(context, number, by);
		}
	return matched;
}

/* Also signers of modules that the kernel half finds: in a buffer, and not yet in a file. */
__u32 embargo_waiver_scopes(const struct embargo_waiver *waiver)
{
	enum embargo_identity_kind kind = waiver->identity.identity.kind;

	return is_kernels(kind) ? 0 : kind_scopes(kind);
}

void embargo_policy_set_match_waivers(
	const struct embargo_policy_set *set, const struct embargo_evidence *evidence,
	void (*each)(void *context, __u32 waiver, const struct embargo_identity *by), void *context)
{
	__u32 number = 0;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->waiver_count; j++) {
			const struct embargo_waiver *waiver = &set->policies[i]->waivers[j];
			const struct embargo_identity *by = NULL;

			number++;
			if (embargo_waiver_scopes(waiver))
				by = find(&waiver->identity, evidence, is_certain);
			if (by)
				each(context, number, by);
		}
}

const struct embargo_rule *embargo_policy_set_rule(const struct embargo_policy_set *set,
						   size_t rule)
{
	size_t policy = 0;

	while (rule >= set->policies[policy]->rule_count)
		rule -= set->policies[policy++]->rule_count;
	return &set->policies[policy]->rules[rule];
}

void embargo_policy_set_name(const struct embargo_policy_set *set, size_t rule,
			     const char **policy_id, const char **rule_id)
{
	size_t policy = 0;

	while (rule >= set->policies[policy]->rule_count)
		rule -= set->policies[policy++]->rule_count;
	*policy_id = set->policies[policy]->id;
	*rule_id = set->policies[policy]->rules[rule].id;
}
