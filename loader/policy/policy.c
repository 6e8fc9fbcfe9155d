// SPDX-License-Identifier: GPL-2.0-or-later
/* One policy: read, verify, parse, validate, in that order. */
#include "loader/policy/policy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/policy/document.h"
#include "loader/policy/source.h"
#include "loader/trust/trust.h"

static void free_policy(struct embargo_policy **policy)
{
	embargo_policy_free(*policy);
}

static struct embargo_policy *make(const char *file)
{
	struct embargo_arena *arena = embargo_arena_new();
	struct embargo_policy *policy;

	if (!arena)
		return NULL;
	policy = embargo_arena_take(arena, 1, sizeof(*policy));
	if (policy)
		policy->file = embargo_arena_copy(arena, file, strlen(file));
	if (!policy || !policy->file) {
		embargo_arena_free(arena);
		return NULL;
	}
	policy->arena = arena;
	return policy;
}

/*
 * A policy is put in force by a link to it as well: its lists are then beside the file that the
 * link leads to. The caller frees.
 */
static char *find_base(const char *file)
{
	struct stat status;
	char *real = NULL;

	if (!lstat(file, &status) && S_ISLNK(status.st_mode))
		real = realpath(file, NULL);
	return real ? real : strdup(file);
}

/* Where the signature only is noted, what is wrong with it is nobody's affair. */
static int verify(const struct embargo_policy_proof *proof, const char *base,
		  struct embargo_policy *policy, const char *bytes, size_t length,
		  struct embargo_diagnostic *diagnostic)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	int error;

	if (!proof->trust || !embargo_trust_has_anchors(proof->trust))
		return 0;
	error = embargo_trust_verify(proof->trust, policy->file, base, bytes, length,
				     proof->signers, proof->is_demanded ? diagnostic : &ignored);
	policy->is_signed = !error;
	return proof->is_demanded || error == -ENOMEM ? error : 0;
}

/* What is signed without its lists' digests says nothing of what is in them. */
int embargo_policy_check_lists(const struct embargo_policy *policy,
			       struct embargo_diagnostic *diagnostic)
{
	for (size_t i = 0; policy->is_signed && i < policy->rule_count; i++) {
		for (size_t j = 0; j < policy->rules[i].list_count; j++) {
			const struct embargo_list *list = &policy->rules[i].lists[j];

			if (list->checked)
				continue;
			embargo_diagnostic_at(diagnostic, policy->file, list->mark.line,
					      list->mark.column);
			embargo_diagnostic_remedy(diagnostic,
						  "write the list's sha256 beside its file, and "
						  "sign the policy again");
			return embargo_diagnostic_what(diagnostic, -EINVAL,
						       "the list '%.200s' without a sha256, in a "
						       "policy that is signed",
						       list->file);
		}
	}
	return 0;
}

/* From bytes that are believed, or of which nobody asks it. */
static int parse(struct embargo_policy *policy, const char *base, const char *text, size_t length,
		 struct embargo_diagnostic *diagnostic)
{
	struct embargo_reader reader = { policy->file, policy->arena, diagnostic, base };
	struct embargo_node *root;
	int error;

	policy->text = embargo_arena_copy(policy->arena, text, length);
	policy->text_length = length;
	if (!policy->text)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_source_check(policy->file, text, length, diagnostic);
	if (!error)
		error = embargo_tree_read(policy->file, text, length, policy->arena, &root,
					  diagnostic);
	if (!error)
		error = embargo_document_parse(&reader, root, policy);
	if (!error)
		error = embargo_document_validate(&reader, policy);
	return error ? error : embargo_policy_check_lists(policy, diagnostic);
}

int embargo_policy_read_proved(const char *file, const struct embargo_policy_proof *proof,
			       struct embargo_policy **policy,
			       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_policy) struct embargo_policy *made = make(file);
	_cleanup_free_
	char *text = NULL;
	_cleanup_free_
	char *base = find_base(file);
	size_t length;
	int error;

	if (!made || !base)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_source_bytes(file, &text, &length, diagnostic);
	if (!error)
		error = verify(proof, base, made, text, length, diagnostic);
	if (!error)
		error = parse(made, base, text, length, diagnostic);
	if (!error)
		*policy = TAKE_PTR(made);
	return error;
}

int embargo_policy_read(const char *file, struct embargo_policy **policy,
			struct embargo_diagnostic *diagnostic)
{
	const struct embargo_policy_proof proof = { .trust = NULL };

	return embargo_policy_read_proved(file, &proof, policy, diagnostic);
}

void embargo_policy_free(struct embargo_policy *policy)
{
	if (policy)
		embargo_arena_free(policy->arena);
}

bool embargo_policy_waives(const struct embargo_policy *policy, const struct embargo_policy *other)
{
	const struct embargo_waives *waives = &policy->waives;

	if (!policy->waiver_count)
		return false;
	if (waives->any || (!waives->count && policy == other))
		return true;
	for (size_t i = 0; i < waives->count; i++)
		if (!strcmp(waives->policies[i], other->id))
			return true;
	return false;
}

const struct embargo_schedule *embargo_rule_schedule(const struct embargo_rule *rule,
						     const char *profile)
{
	for (size_t i = 0; i < rule->choice_count; i++) {
		const struct embargo_choice *choice = &rule->choices[i];

		if (!choice->profile || (profile && !strcmp(choice->profile, profile)))
			return choice->schedule;
	}
	return NULL;
}

const struct embargo_authority *embargo_policy_authority(const struct embargo_policy *policy,
							 const char *id)
{
	for (size_t i = 0; i < policy->authority_count; i++)
		if (!strcmp(policy->authorities[i].id, id))
			return &policy->authorities[i];
	return NULL;
}

const struct embargo_vendor *embargo_policy_vendor(const struct embargo_policy *policy,
						   const char *id)
{
	for (size_t i = 0; i < policy->vendor_count; i++)
		if (!strcmp(policy->vendors[i].id, id))
			return &policy->vendors[i];
	return NULL;
}
