// SPDX-License-Identifier: GPL-2.0-or-later
/* Compile: from the policies of a host to the tables of one generation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/learned/list.h"
#include "loader/policy/bounds.h"
#include "loader/policy/digest_table.h"
#include "loader/policy/list.h"
#include "loader/policy/match.h"
#include "loader/policy/path_tree.h"
#include "loader/policy/resolve.h"
#include "loader/policy/signer_table.h"
#include "loader/policy/waiver_table.h"

struct compilation {
	const struct embargo_policy_set *set;
	struct embargo_diagnostic *diagnostic;
	struct embargo_bound *bounds;
	size_t bound_count;
	struct embargo_timelines timelines;
	struct embargo_digest_table digests;
	struct embargo_path_tree paths;
	struct embargo_signer_table signers;
	struct embargo_waiver_table waivers;
	__u32 *kexec; /* rules that name kexec_load(2) */
	size_t kexec_count;
	struct embargo_tables tables;
};

static void clean_up(struct compilation *compilation)
{
	free(compilation->bounds);
	free(compilation->kexec);
	embargo_timelines_free(&compilation->timelines);
	embargo_digest_table_free(&compilation->digests);
	embargo_path_tree_free(&compilation->paths);
	embargo_signer_table_free(&compilation->signers);
	embargo_waiver_table_free(&compilation->waivers);
	embargo_tables_free(&compilation->tables);
}

static int no_memory(const struct compilation *compilation)
{
	return embargo_diagnostic_what(compilation->diagnostic, -ENOMEM, "out of memory");
}

/* Says on @bound's rule what is wrong: the caller fills what and remedy. */
static void point_at(const struct compilation *compilation, const struct embargo_policy *policy,
		     struct embargo_mark mark)
{
	embargo_diagnostic_at(compilation->diagnostic, policy->file, mark.line, mark.column);
}

/* What all that follows goes by. */
static int bind_rules(struct compilation *compilation)
{
	int error = embargo_bounds_make(compilation->set, &compilation->bounds,
					&compilation->bound_count, compilation->diagnostic);

	if (error)
		return error;
	compilation->timelines.bounds = compilation->bounds;
	compilation->kexec = calloc(compilation->bound_count + 1, sizeof(*compilation->kexec));
	if (!compilation->kexec ||
	    embargo_bounds_reasons(compilation->bounds, compilation->bound_count,
				   &compilation->tables))
		return no_memory(compilation);
	return 0;
}

static int add_digest(struct compilation *compilation, const struct embargo_digest *digest,
		      __u64 size, __u32 scopes, __u32 rule)
{
	int error = embargo_digest_table_add(&compilation->digests, digest, size, scopes, rule);

	if (scopes & ~(__u32)EMBARGO_SCOPE_OPEN)
		compilation->bounds[rule].hashed = true;
	if (scopes & EMBARGO_SCOPE_OPEN)
		compilation->bounds[rule].hashed_open = true;
	if (error == -E2BIG)
		return embargo_diagnostic_what(compilation->diagnostic, error,
					       "more than %d digests in all policies",
					       EMBARGO_POLICY_DIGESTS);
	return error ? no_memory(compilation) : 0;
}

struct list_context {
	struct compilation *compilation;
	enum embargo_kind of;
	__u32 rule;
};

static int add_entry(void *context, const struct embargo_list_entry *entry)
{
	const struct list_context *list = context;

	return add_digest(list->compilation, &entry->digest, entry->sized ? entry->size : 0,
			  embargo_reach_scopes(list->of, entry->sized,
					       list->compilation->bounds[list->rule].rule->opens),
			  list->rule);
}

static int refuse_path(const struct compilation *compilation, const struct embargo_policy *policy,
		       const struct embargo_pattern *pattern, int error, const char *why)
{
	point_at(compilation, policy, pattern->mark);
	embargo_diagnostic_remedy(compilation->diagnostic,
				  "look at the symbolic links on that path");
	return embargo_diagnostic_what(compilation->diagnostic, error,
				       "the path '%.200s' leads %s on this host", pattern->path,
				       why);
}

static size_t count_components(const char *path)
{
	size_t count = 0;

	for (; *path; path++)
		count += path[0] == '/' && path[1] && path[1] != '/';
	return count;
}

/* Enters a path for the rule, or the waiver, of that number. */
typedef int path_adder(struct embargo_path_tree *tree, const char *path, __u32 number);

/* The path as it is written, and where it leads: either may come into being later. */
static int add_path(struct compilation *compilation, const struct embargo_policy *policy,
		    const struct embargo_pattern *pattern, path_adder *add, __u32 number)
{
	char resolved[EMBARGO_POLICY_PATH + 2];
	int error = embargo_path_resolve(pattern->path, resolved, sizeof(resolved), NULL);

	if (error)
		return refuse_path(compilation, policy, pattern, error,
				   error == -ELOOP ? "round in circles" : "too far");
	if (!resolved[strspn(resolved, "/")])
		return refuse_path(compilation, policy, pattern, -EINVAL, "to the root");
	if (count_components(resolved) > EMBARGO_PATH_DEPTH)
		return refuse_path(compilation, policy, pattern, -E2BIG, "too deep");
	error = add(&compilation->paths, pattern->path, number);
	if (!error)
		error = add(&compilation->paths, resolved, number);
	return error ? no_memory(compilation) : 0;
}

/* One that the kernel half cannot hold is found by looking into the file. */
static int add_signer(struct compilation *compilation, __u32 rule,
		      const struct embargo_identity *identity)
{
	int error = embargo_signer_table_add(&compilation->signers, identity, rule);

	return error == -ENOTSUP ? 0 : error ? no_memory(compilation) : 0;
}

static int add_pattern(struct compilation *compilation, __u32 rule,
		       const struct embargo_pattern *pattern)
{
	const struct embargo_bound *bound = &compilation->bounds[rule];

	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_SHA256:
		return add_digest(compilation, &pattern->digest, pattern->sized ? pattern->size : 0,
				  embargo_reach_scopes(EMBARGO_KIND_ANY, pattern->sized,
						       bound->rule->opens),
				  rule);
	case EMBARGO_IDENTITY_PATH:
		return add_path(compilation, bound->policy, pattern,
				bound->rule->opens ? embargo_path_tree_add_open
						   : embargo_path_tree_add,
				rule);
	case EMBARGO_IDENTITY_MEMORY:
		if (!compilation->kexec_count ||
		    compilation->kexec[compilation->kexec_count - 1] != rule)
			compilation->kexec[compilation->kexec_count++] = rule;
		return 0;
	case EMBARGO_IDENTITY_MODULE_SIGNER:
		return add_signer(compilation, rule, &pattern->identity);
	default:
		return 0; /* what is found in files comes by learned digests */
	}
}

static int add_rule(struct compilation *compilation, __u32 rule)
{
	const struct embargo_bound *bound = &compilation->bounds[rule];
	int error = 0;

	for (size_t i = 0; i < bound->rule->list_count && !error; i++) {
		const struct embargo_list *list = &bound->rule->lists[i];
		struct list_context context = { compilation, list->of, rule };

		error = embargo_list_read(bound->policy, list, add_entry, &context,
					  compilation->diagnostic);
	}
	/* Nothing in the kernel's tables says "both". */
	for (size_t i = 0; i < bound->rule->pattern_count && !bound->rule->all && !error; i++)
		error = add_pattern(compilation, rule, &bound->rule->patterns[i]);
	return error;
}

static int add_waiver(struct compilation *compilation, const struct embargo_policy *policy,
		      const struct embargo_waiver *waiver, __u32 number)
{
	const struct embargo_pattern *pattern = &waiver->identity;
	int error = 0;

	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_PATH:
		return add_path(compilation, policy, pattern, embargo_path_tree_waive, number);
	case EMBARGO_IDENTITY_MEMORY:
		embargo_waiver_table_add_kexec(&compilation->waivers, number);
		return 0;
	case EMBARGO_IDENTITY_SHA256:
		error = embargo_waiver_table_add(&compilation->waivers, &pattern->digest, number);
		break;
	case EMBARGO_IDENTITY_MODULE_SIGNER:
		error = embargo_signer_table_waive(&compilation->signers, &pattern->identity,
						   number);
		error = error == -ENOTSUP ? 0 : error;
		break;
	default:
		break;
	}
	/* By its content, if need be by what is learned of it. */
	compilation->tables.head.waived_digests = 1;
	return error ? no_memory(compilation) : 0;
}

static int add_all_waivers(struct compilation *compilation)
{
	const struct embargo_policy_set *set = compilation->set;
	__u32 number = 1;
	int error = 0;

	for (size_t i = 0; i < set->count && !error; i++)
		for (size_t j = 0; j < set->policies[i]->waiver_count && !error; j++)
			error = add_waiver(compilation, set->policies[i],
					   &set->policies[i]->waivers[j], number++);
	return error;
}

struct waiving {
	struct compilation *compilation;
	const struct embargo_digest *digest;
	int error;
};

static void waive_learned(void *context, __u32 waiver, const struct embargo_identity *by)
{
	struct waiving *waiving = context;

	(void)by;
	if (embargo_waiver_table_add(&waiving->compilation->waivers, waiving->digest, waiver))
		waiving->error = no_memory(waiving->compilation);
}

/* A learned digest is one of each rule that its identities match today. */
static int add_learned(void *context, const struct embargo_learned_entry *entry)
{
	struct compilation *compilation = context;
	const struct embargo_evidence evidence = {
		.identities = &entry->identities,
		.digest = &entry->digest,
		.size = entry->size,
		.path = entry->path,
	};
	struct waiving waiving = { compilation, &entry->digest, 0 };
	int error = 0;

	embargo_learned_entry_rest(entry, compilation->set->anchors);
	embargo_policy_set_match_waivers(compilation->set, &evidence, waive_learned, &waiving);
	if (waiving.error)
		return waiving.error;
	for (size_t i = 0; i < compilation->bound_count && !error; i++)
		if (embargo_rule_matches(compilation->bounds[i].rule, &evidence, NULL))
			error = add_digest(compilation, &entry->digest, entry->size,
					   embargo_reach_scopes(entry->kind, true,
								compilation->bounds[i].rule->opens),
					   (__u32)i);
	return error;
}

static int add_all_learned(struct compilation *compilation)
{
	const char *file = compilation->set->learned;
	int error = file ? embargo_learned_list_each(file, add_learned, compilation) : 0;

	if (error && !compilation->diagnostic->what[0])
		embargo_diagnostic_what(compilation->diagnostic, error,
					"cannot read the learned digests in %.300s: %s", file,
					strerror(-error));
	return error;
}

static bool names_what_is_found(const struct embargo_rule *rule)
{
	for (size_t i = 0; i < rule->pattern_count && !rule->all; i++)
		if (rule->patterns[i].identity.kind == EMBARGO_IDENTITY_MODULE_SIGNER)
			return true;
	return embargo_rule_classifies(rule);
}

/* Files are looked into for what waivers name, too. */
static void look_for_waivers(struct compilation *compilation)
{
	const struct embargo_policy_set *set = compilation->set;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->waiver_count; j++)
			compilation->tables.head.classifies |=
				embargo_waiver_scopes(&set->policies[i]->waivers[j]);
}

/* First of all timelines those of rules that look into files: see struct embargo_tables. */
static int make_rule_timelines(struct compilation *compilation)
{
	struct embargo_tables *tables = &compilation->tables;
	int error = 0;

	tables->rule_timelines =
		calloc(compilation->bound_count + 1, sizeof(*tables->rule_timelines));
	if (!tables->rule_timelines)
		return no_memory(compilation);
	tables->rule_count = compilation->bound_count;
	look_for_waivers(compilation);
	for (__u32 i = 0; i < compilation->bound_count && !error; i++) {
		if (!names_what_is_found(compilation->bounds[i].rule))
			continue;
		tables->head.classifies |= embargo_rule_scopes(compilation->bounds[i].rule);
		error = embargo_timelines_find(&compilation->timelines, &i, 1, false,
					       &tables->rule_timelines[i], compilation->diagnostic);
	}
	return error;
}

/* What happens where a digest cannot be had, of a file that is @opened or used otherwise: as if any
 * of the rules that need one had matched. */
static int merge_on_error(struct compilation *compilation, bool opened, __u32 *on_error,
			  __u32 *on_evasion)
{
	_cleanup_free_
	__u32 *rules = NULL;
	size_t count = 0;
	int error;

	rules = calloc(compilation->bound_count ? compilation->bound_count : 1, sizeof(*rules));
	if (!rules)
		return no_memory(compilation);
	for (size_t i = 0; i < compilation->bound_count; i++)
		if (opened ? compilation->bounds[i].hashed_open : compilation->bounds[i].hashed)
			rules[count++] = (__u32)i;
	error = embargo_timelines_find(&compilation->timelines, rules, count, true, on_error,
				       compilation->diagnostic);
	if (error)
		return error;
	return embargo_timelines_find(&compilation->timelines, rules, count, false, on_evasion,
				      compilation->diagnostic);
}

static void take_timelines(struct compilation *compilation)
{
	compilation->tables.timelines = TAKE_PTR(compilation->timelines.array);
	compilation->tables.timeline_count = compilation->timelines.count;
}

static int emit(struct compilation *compilation)
{
	struct embargo_tables *tables = &compilation->tables;
	int error;

	tables->head.max_hash = compilation->set->settings.max_hash;
	error = embargo_digest_table_emit(&compilation->digests, &compilation->timelines, tables,
					  compilation->diagnostic);
	if (!error)
		error = embargo_path_tree_emit(&compilation->paths, &compilation->timelines,
					       &compilation->waivers, tables,
					       compilation->diagnostic);
	if (!error)
		error = embargo_signer_table_emit(&compilation->signers, &compilation->timelines,
						  &compilation->waivers, tables,
						  compilation->diagnostic);
	if (!error)
		error = embargo_waiver_table_emit(&compilation->waivers, tables,
						  compilation->diagnostic);
	if (!error)
		error = merge_on_error(compilation, false, &tables->head.on_error,
				       &tables->head.on_evasion);
	if (!error)
		error = merge_on_error(compilation, true, &tables->head.open_error,
				       &tables->head.open_evasion);
	if (!error)
		error = embargo_timelines_find(&compilation->timelines, compilation->kexec,
					       compilation->kexec_count, false,
					       &tables->head.kexec_load, compilation->diagnostic);
	if (!error && tables->waiver_count)
		error = embargo_timelines_divide(&compilation->timelines, tables,
						 compilation->diagnostic);
	if (error)
		return error;
	embargo_waiver_table_end(&compilation->waivers, tables);
	take_timelines(compilation);
	return 0;
}

int embargo_policy_set_compile(const struct embargo_policy_set *set, struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(clean_up) struct compilation compilation = { .set = set,
							       .diagnostic = diagnostic };
	int error;

	error = bind_rules(&compilation);
	if (!error)
		error = make_rule_timelines(&compilation);
	for (size_t i = 0; i < compilation.bound_count && !error; i++)
		error = add_rule(&compilation, (__u32)i);
	if (!error)
		error = embargo_waiver_table_begin(&compilation.waivers, set, &compilation.tables,
						   diagnostic);
	if (!error)
		error = add_all_waivers(&compilation);
	if (!error)
		error = add_all_learned(&compilation);
	if (!error)
		error = emit(&compilation);
	if (error)
		return error;
	*tables = compilation.tables;
	compilation.tables = (struct embargo_tables) { 0 };
	return 0;
}

int embargo_policy_set_number(const struct embargo_policy_set *set, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic)
{
	_cleanup_(clean_up) struct compilation compilation = { .set = set,
							       .diagnostic = diagnostic };
	int error = bind_rules(&compilation);

	if (!error)
		error = make_rule_timelines(&compilation);
	if (error)
		return error;
	take_timelines(&compilation);
	*tables = compilation.tables;
	compilation.tables = (struct embargo_tables) { 0 };
	return 0;
}

int embargo_policy_compile_host(const struct embargo_policy_request *request,
				struct embargo_tables *tables,
				struct embargo_diagnostic *diagnostic)
{
	struct embargo_policy_set *set;
	int error = embargo_policy_set_read(request, &set, diagnostic);

	if (error)
		return error;
	error = embargo_policy_set_compile(set, tables, diagnostic);
	embargo_policy_set_free(set);
	return error;
}
