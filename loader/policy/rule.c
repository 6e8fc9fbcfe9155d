// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse: a rule, with its schedules, digest lists and identities. */
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

static int refuse_path(const struct embargo_reader *reader, const struct embargo_node *node,
		       const char *why, const char *remedy)
{
	return embargo_reader_refuse(reader, node->mark, -EINVAL, remedy, "the path '%.200s' %s",
				     node->text, why);
}

/* A component must be one that the kernel could report: nothing to be worked out at run time. */
static const char *component_fault(const char *name, size_t length)
{
	if (!length)
		return "has two slashes together";
	if ((length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
		return "has . or .. in it";
	if (length > EMBARGO_POLICY_COMPONENT)
		return "has a component of more than 255 bytes";
	return NULL;
}

static int take_path(const struct embargo_reader *reader, const struct embargo_node *node,
		     void *target)
{
	struct embargo_pattern *pattern = target;
	int error = embargo_scalar_check(reader, node);
	const char *at, *fault = NULL;
	size_t depth = 0;

	if (error)
		return error;
	if (node->text[0] != '/')
		return refuse_path(reader, node, "is not absolute", "begin it with a slash");
	if (strpbrk(node->text, "*?"))
		return refuse_path(reader, node, "has a wildcard in it",
				   "name a folder with a slash at its end: all below it counts");
	if (strlen(node->text) > EMBARGO_POLICY_PATH)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "shorten it",
					     "a path of more than %d bytes", EMBARGO_POLICY_PATH);
	for (at = node->text + 1; *at && !fault; depth++) {
		size_t length = strcspn(at, "/");

		fault = component_fault(at, length);
		at += length;
		at += *at == '/';
	}
	if (fault)
		return refuse_path(reader, node, fault, "write the path as the kernel knows it");
	if (!depth)
		return refuse_path(reader, node, "would name every file", "name a folder below it");
	if (depth > EMBARGO_PATH_DEPTH)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "name a folder above",
					     "a path of %zu components, where %d are the most",
					     depth, EMBARGO_PATH_DEPTH);
	pattern->path = node->text;
	return 0;
}

static int take_digest(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	struct embargo_pattern *pattern = target;

	return embargo_sha256_take(reader, node, &pattern->digest);
}

static int take_memory(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	int error = embargo_scalar_check(reader, node);

	(void)target;
	if (!error && strcmp(node->text, "kexec"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write kexec",
					     "unknown load from memory '%.64s'", node->text);
	return error;
}

/* Every kind that policies may name one day; those without a taker are of later versions. */
static const struct identity_kind {
	const char *name;
	embargo_taker *take;
	enum embargo_identity_kind kind;
} identity_kinds[] = {
	{ "sha256", take_digest, EMBARGO_IDENTITY_SHA256 },
	{ "path", take_path, EMBARGO_IDENTITY_PATH },
	{ "memory", take_memory, EMBARGO_IDENTITY_MEMORY },
	{ .name = "fsverity" },
	{ .name = "x509" },
	{ .name = "module-signer" },
	{ .name = "ima-key" },
	{ .name = "openpgp" },
	{ .name = "package" },
	{ .name = "build-id" },
	{ .name = "soname" },
	{ .name = "needed" },
	{ .name = "modinfo" },
};

static const struct identity_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(identity_kinds); i++)
		if (!strcmp(identity_kinds[i].name, name))
			return &identity_kinds[i];
	return NULL;
}

/* The value under the kind's name, where it is the only one. */
static int take_kind_of_identity(const struct embargo_reader *reader,
				 const struct embargo_node *key, struct embargo_pattern *pattern)
{
	const struct identity_kind *kind = find_kind(key->text);

	if (!kind)
		return embargo_reader_refuse(reader, key->mark, -EINVAL,
					     "write sha256, path or memory",
					     "unknown identity kind '%.64s'", key->text);
	if (!kind->take)
		return embargo_reader_refuse(reader, key->mark, -EINVAL,
					     "write sha256, path or memory",
					     "identity kind %s is not supported by this version",
					     kind->name);
	if (pattern->identity.kind != EMBARGO_IDENTITY_UNKNOWN)
		return embargo_reader_refuse(reader, key->mark, -EINVAL,
					     "write one after another, each after a dash",
					     "an identity of two kinds");
	pattern->identity.kind = kind->kind;
	return kind->take(reader, key->next, pattern);
}

static int take_identity(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	struct embargo_pattern pattern = { .mark = node->mark };
	const struct embargo_node *key = node->first;
	int error = 0;

	if (node->kind != EMBARGO_NODE_MAPPING || !node->count)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write { sha256: ... } or { path: ... }",
					     "expected an identity");
	for (; key && !error; key = key->next->next) {
		if (strcmp(key->text, "size")) {
			error = take_kind_of_identity(reader, key, &pattern);
		} else {
			pattern.sized = true;
			error = embargo_number_take(reader, key->next, &pattern.size);
		}
	}
	if (error)
		return error;
	if (pattern.sized && pattern.identity.kind != EMBARGO_IDENTITY_SHA256)
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "take it out",
					     "a size without a sha256");
	*(struct embargo_pattern *)target = pattern;
	return 0;
}

static int take_any(const struct embargo_reader *reader, const struct embargo_node *node,
		    void *target)
{
	struct embargo_rule *rule = target;

	return embargo_elements_take(reader, node, "identities", EMBARGO_POLICY_IDENTITIES,
				     sizeof(*rule->patterns), take_identity, &rule->patterns,
				     &rule->pattern_count);
}

/* The kernel's tables hold digests and paths side by side: nothing in them says "both". */
static int take_all(const struct embargo_reader *reader, const struct embargo_node *node,
		    void *target)
{
	if (node->kind == EMBARGO_NODE_SEQUENCE && node->count > 1)
		return embargo_reader_refuse(
			reader, node->mark, -EINVAL,
			"a sha256 alone already names one content; otherwise use any:",
			"all: of several identities is not supported by this version");
	return take_any(reader, node, target);
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
		{ 0 },
	};
	struct embargo_rule rule = { .mark = node->mark };
	int error = embargo_fields_take(reader, node, "a rule", fields, &rule);

	if (!error)
		error = check_what_matches(reader, node);
	if (!error)
		*(struct embargo_rule *)target = rule;
	return error;
}
