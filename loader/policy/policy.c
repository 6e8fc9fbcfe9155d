// SPDX-License-Identifier: GPL-2.0-or-later
/* One policy: read, parse, validate, in that order. */
#include "loader/policy/policy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/policy/document.h"
#include "loader/policy/source.h"

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

int embargo_policy_read(const char *file, struct embargo_policy **policy,
			struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_policy) struct embargo_policy *made = make(file);
	_cleanup_free_
	char *text = NULL;
	_cleanup_free_
	char *base = find_base(file);
	struct embargo_reader reader;
	struct embargo_node *root;
	size_t length;
	int error;

	if (!made || !base)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_source_read(file, &text, &length, diagnostic);
	if (error)
		return error;
	made->text = embargo_arena_copy(made->arena, text, length);
	made->text_length = length;
	if (!made->text)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_tree_read(file, text, length, made->arena, &root, diagnostic);
	if (error)
		return error;
	reader = (struct embargo_reader) { made->file, made->arena, diagnostic, base };
	error = embargo_document_parse(&reader, root, made);
	if (!error)
		error = embargo_document_validate(&reader, made);
	if (!error)
		*policy = TAKE_PTR(made);
	return error;
}

void embargo_policy_free(struct embargo_policy *policy)
{
	if (policy)
		embargo_arena_free(policy->arena);
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
