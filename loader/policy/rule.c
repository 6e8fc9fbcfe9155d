// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse: a rule, with its schedules, its digest lists and what it names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/policy/document.h"

static int take_choice(const struct embargo_reader *reader, const struct embargo_node *profile,
		       const struct embargo_node *schedule, struct embargo_choice *choice)
{
	int error = 0;

	choice->mark = schedule->mark;
	if (profile)
		error = embargo_id_take(reader, profile, &choice->profile);
	return error ? error : embargo_id_take(reader, schedule, &choice->schedule_id);
}

/* `schedule: NAME`, or a mapping from profiles to names. */
static int take_choices(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	bool by_profile = node->kind == EMBARGO_NODE_MAPPING;
	const struct embargo_node *profile = node->first;
	size_t count = by_profile ? node->count / 2 : 1;
	struct embargo_choice *choices;
	struct embargo_rule *rule = target;
	int error = 0;

	if (!count)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write a schedule's name, or PROFILE: NAME",
					     "a rule without a schedule");
	choices = embargo_arena_take(reader->arena, count, sizeof(*choices));
	if (!choices)
		return embargo_reader_no_memory(reader);
	if (!by_profile)
		error = take_choice(reader, NULL, node, choices);
	for (size_t i = 0; by_profile && profile && !error; i++, profile = profile->next->next)
		error = take_choice(reader, profile, profile->next, &choices[i]);
	if (error)
		return error;
	rule->choices = choices;
	rule->choice_count = count;
	return 0;
}

static int take_kind(const struct embargo_reader *reader, const struct embargo_node *node,
		     void *target)
{
	int error = embargo_scalar_check(reader, node);
	enum embargo_kind kind;

	if (error)
		return error;
	kind = embargo_kind_parse(node->text);
	if (kind == EMBARGO_KIND_UNKNOWN)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write any, elf, pe, script, module or package",
					     "unknown kind of file '%.64s'", node->text);
	*(enum embargo_kind *)target = kind;
	return 0;
}

static int take_list_sha256(const struct embargo_reader *reader, const struct embargo_node *node,
			    void *target)
{
	struct embargo_list *list = target;
	int error = embargo_sha256_take(reader, node, &list->sha256);

	if (!error)
		list->checked = true;
	return error;
}

/* A list stands beside its policy, wherever the program was started. */
static const char *join_folder(const struct embargo_reader *reader, const char *file)
{
	const char *slash = strrchr(reader->base, '/');
	size_t folder = slash && file[0] != '/' ? (size_t)(slash - reader->base) + 1 : 0;
	size_t length = strlen(file);
	char *path = embargo_arena_take(reader->arena, folder + length + 1, 1);

	if (path) {
		memcpy(path, reader->base, folder);
		memcpy(path + folder, file, length);
	}
	return path;
}

static int take_list_file(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	struct embargo_list *list = target;
	int error = embargo_text_take(reader, node, &list->file);

	if (error)
		return error;
	list->mark = node->mark;
	list->path = join_folder(reader, list->file);
	return list->path ? 0 : embargo_reader_no_memory(reader);
}

static int take_list(const struct embargo_reader *reader, const struct embargo_node *node,
		     void *target)
{
	static const struct embargo_field fields[] = {
		{ "file", take_list_file, 0, true },
		{ "of", take_kind, offsetof(struct embargo_list, of), false },
		{ "sha256", take_list_sha256, 0, false },
		{ 0 },
	};
	struct embargo_list list = { .of = EMBARGO_KIND_ANY };
	int error = embargo_fields_take(reader, node, "a digest list", fields, &list);

	if (!error)
		*(struct embargo_list *)target = list;
	return error;
}

/* `digests:` is one list or several. */
static int take_lists(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	struct embargo_rule *rule = target;
	struct embargo_list *list;
	int error;

	if (node->kind != EMBARGO_NODE_MAPPING)
		return embargo_elements_take(reader, node, "digest lists", EMBARGO_POLICY_LISTS,
					     sizeof(*rule->lists), take_list, &rule->lists,
					     &rule->list_count);
	list = embargo_arena_take(reader->arena, 1, sizeof(*list));
	if (!list)
		return embargo_reader_no_memory(reader);
	error = take_list(reader, node, list);
	if (error)
		return error;
	rule->lists = list;
	rule->list_count = 1;
	return 0;
}

static int take_any(const struct embargo_reader *reader, const struct embargo_node *node,
		    void *target)
{
	struct embargo_rule *rule = target;

	return embargo_elements_take(reader, node, "identities", EMBARGO_POLICY_IDENTITIES,
				     sizeof(*rule->patterns), embargo_pattern_take, &rule->patterns,
				     &rule->pattern_count);
}

/* `all:` of one is that one. */
static int take_all(const struct embargo_reader *reader, const struct embargo_node *node,
		    void *target)
{
	struct embargo_rule *rule = target;
	int error = take_any(reader, node, target);

	if (!error)
		rule->all = rule->pattern_count > 1;
	return error;
}

static int take_require(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (!error && strcmp(node->text, "valid"))
		error = embargo_reader_refuse(reader, node->mark, -EINVAL, "write valid",
					      "unknown requirement '%.64s'", node->text);
	if (!error)
		*(bool *)target = true;
	return error;
}

static int take_reach(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (strcmp(node->text, "run") && strcmp(node->text, "open"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write run or open",
					     "a rule cannot reach '%.64s'", node->text);
	*(bool *)target = !strcmp(node->text, "open");
	return 0;
}

static int take_running(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (strcmp(node->text, "report") && strcmp(node->text, "terminate"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write report or terminate",
					     "what runs already cannot be '%.64s'", node->text);
	*(bool *)target = !strcmp(node->text, "terminate");
	return 0;
}

static int take_grace(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	uint64_t seconds = 0;
	int error = embargo_number_take(reader, node, &seconds);

	if (error)
		return error;
	if (seconds > EMBARGO_POLICY_GRACE_MOST)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "write fewer seconds",
					     "a grace of more than %d seconds",
					     EMBARGO_POLICY_GRACE_MOST);
	*(uint64_t *)target = seconds;
	return 0;
}

/* Only a certificate's signature can be told to be valid: other kinds are claims, or bring no key.
 */
static int check_requirement(const struct embargo_reader *reader, const struct embargo_rule *rule)
{
	size_t certain = 0;

	for (size_t i = 0; i < rule->pattern_count; i++)
		certain += rule->patterns[i].identity.kind == EMBARGO_IDENTITY_X509;
	if (rule->all ? certain > 0 : certain && certain == rule->pattern_count)
		return 0;
	return embargo_reader_refuse(reader, rule->mark, -EINVAL,
				     "take it out, or make a rule of its own for x509 identities",
				     "require: valid in a rule that could match without an x509 "
				     "signature");
}

/* There is no file to be opened where it speaks of memory alone. */
static int check_reach(const struct embargo_reader *reader, const struct embargo_rule *rule)
{
	for (size_t i = 0; i < rule->pattern_count; i++)
		if (rule->patterns[i].identity.kind != EMBARGO_IDENTITY_MEMORY)
			return 0;
	if (rule->list_count || !rule->opens)
		return 0;
	return embargo_reader_refuse(reader, rule->mark, -EINVAL, "take it out",
				     "reach: open in a rule that names no file");
}

static int check_all(const struct embargo_reader *reader, const struct embargo_rule *rule)
{
	for (size_t i = 0; i < rule->pattern_count && rule->all; i++)
		if (rule->patterns[i].identity.kind == EMBARGO_IDENTITY_MEMORY)
			return embargo_reader_refuse(reader, rule->patterns[i].mark, -EINVAL,
						     "make a rule of its own for it",
						     "memory: together with something else");
	return 0;
}

static int check_what_matches(const struct embargo_reader *reader, const struct embargo_node *node)
{
	const struct embargo_node *key = node->first, *first = NULL;

	for (; key; key = key->next->next) {
		if (strcmp(key->text, "digests") && strcmp(key->text, "any") &&
		    strcmp(key->text, "all"))
			continue;
		if (first)
			return embargo_reader_refuse(reader, key->mark, -EINVAL,
						     "make two rules of it",
						     "a rule with both '%s' and '%s'", first->text,
						     key->text);
		first = key;
	}
	if (!first)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "add digests: or any: with identities",
					     "a rule that matches nothing");
	return 0;
}

int embargo_rule_take(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	static const struct embargo_field fields[] = {
		{ "id", embargo_id_take, offsetof(struct embargo_rule, id), true },
		{ "vendor", embargo_id_take, offsetof(struct embargo_rule, vendor_id), true },
		{ "schedule", take_choices, 0, true },
		{ "digests", take_lists, 0, false },
		{ "any", take_any, 0, false },
		{ "all", take_all, 0, false },
		{ "require", take_require, offsetof(struct embargo_rule, require_valid), false },
		{ "reach", take_reach, offsetof(struct embargo_rule, opens), false },
		{ "running", take_running, offsetof(struct embargo_rule, terminates), false },
		{ "grace", take_grace, offsetof(struct embargo_rule, grace), false },
		{ 0 },
	};
	struct embargo_rule rule = { .mark = node->mark };
	int error = embargo_fields_take(reader, node, "a rule", fields, &rule);

	if (!error)
		error = check_what_matches(reader, node);
	if (!error)
		error = check_all(reader, &rule);
	if (!error)
		error = check_reach(reader, &rule);
	if (!error && rule.require_valid)
		error = check_requirement(reader, &rule);
	if (!error && rule.grace && !rule.terminates)
		error = embargo_reader_refuse(reader, rule.mark, -EINVAL,
					      "add running: terminate, or take it out",
					      "a grace in a rule that stops nothing");
	if (!error)
		*(struct embargo_rule *)target = rule;
	return error;
}
