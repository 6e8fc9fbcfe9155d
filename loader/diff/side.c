// SPDX-License-Identifier: GPL-2.0-or-later
/* One side of a comparison: what rules name, by keys that do not hang on how it is written. */
#include "loader/diff/side.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/array.h"
#include "loader/diff/key.h"
#include "loader/policy/bounds.h"
#include "loader/policy/list.h"

static int no_memory(struct embargo_diagnostic *diagnostic)
{
	return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
}

void embargo_side_free(struct embargo_side *side)
{
	embargo_arena_free(side->arena);
	free(side->bounds);
	embargo_timelines_free(&side->timelines);
	embargo_tables_free(&side->tables);
	free(side->named);
	free(side->digests);
	free(side->lists);
	*side = (struct embargo_side) { 0 };
}

/* A rule without a schedule for the profile asks for nothing there. */
static int bind(const struct embargo_policy_set *set, const char *profile,
		struct embargo_side *side)
{
	size_t rules = 0, lists = 0;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++, rules++)
			lists += set->policies[i]->rules[j].list_count;
	side->arena = embargo_arena_new();
	side->bounds = calloc(rules + 1, sizeof(*side->bounds));
	side->lists = calloc(lists + 1, sizeof(*side->lists));
	if (!side->arena || !side->bounds || !side->lists)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_policy *policy = set->policies[i];

		for (size_t j = 0; j < policy->rule_count; j++) {
			const struct embargo_rule *rule = &policy->rules[j];
			const struct embargo_schedule *schedule =
				embargo_rule_schedule(rule, profile);

			if (schedule)
				side->bounds[side->bound_count++] =
					(struct embargo_bound) { policy, rule, schedule,
								 .hashed = false };
		}
	}
	side->timelines.bounds = side->bounds;
	return embargo_bounds_reasons(side->bounds, side->bound_count, &side->tables);
}

static int add_digest(struct embargo_side *side, const struct embargo_digest *digest, __u32 rule,
		      __u32 list)
{
	if (embargo_array_grow((void **)&side->digests, side->digest_count, &side->digest_room,
			       sizeof(*side->digests)))
		return -ENOMEM;
	side->digests[side->digest_count++] = (struct embargo_numbered) { *digest, rule, list };
	return 0;
}

/* @pattern NULL: all of the rule's together. */
static int add_named(struct embargo_side *side, __u32 number, const struct embargo_pattern *pattern)
{
	const struct embargo_rule *rule = side->bounds[number].rule;
	struct embargo_named named = { .rule = number };

	named.kind = pattern ? embargo_identity_kind_name(pattern->identity.kind) : "all";
	named.key = pattern ? embargo_key_make(side->arena, pattern)
			    : embargo_key_of_all(side->arena, rule);
	named.value = embargo_key_words(side->arena, rule, pattern);
	if (!named.key || !named.value)
		return -ENOMEM;
	if (rule->require_valid) {
		char *key = embargo_arena_take(side->arena, strlen(named.key) + 8, 1);

		if (!key)
			return -ENOMEM;
		sprintf(key, "%s\nvalid", named.key);
		named.key = key;
	}
	if (embargo_array_grow((void **)&side->named, side->named_count, &side->named_room,
			       sizeof(*side->named)))
		return -ENOMEM;
	side->named[side->named_count++] = named;
	return 0;
}

struct list_context {
	struct embargo_side *side;
	__u32 rule, list;
};

static int add_entry(void *context, const struct embargo_list_entry *entry)
{
	const struct list_context *list = context;

	return add_digest(list->side, &entry->digest, list->rule, list->list);
}

static int add_list(struct embargo_side *side, __u32 rule, const struct embargo_list *list,
		    struct embargo_diagnostic *diagnostic)
{
	const struct embargo_bound *bound = &side->bounds[rule];
	struct list_context context = { side, rule, (__u32)side->list_count };
	int error;

	side->lists[side->list_count++] =
		(struct embargo_side_list) { bound->policy, bound->rule, list };
	error = embargo_list_read(bound->policy, list, add_entry, &context, diagnostic);
	return error == -ENOMEM ? no_memory(diagnostic) : error;
}

static int add_rule(struct embargo_side *side, __u32 number, struct embargo_diagnostic *diagnostic)
{
	const struct embargo_rule *rule = side->bounds[number].rule;
	int error = 0;

	for (size_t i = 0; i < rule->list_count && !error; i++)
		error = add_list(side, number, &rule->lists[i], diagnostic);
	if (error)
		return error;
	if (rule->all)
		error = add_named(side, number, NULL);
	for (size_t i = 0; i < rule->pattern_count && !rule->all && !error; i++) {
		const struct embargo_pattern *pattern = &rule->patterns[i];

		if (pattern->identity.kind == EMBARGO_IDENTITY_SHA256)
			error = add_digest(side, &pattern->digest, number, EMBARGO_SIDE_NO_LIST);
		else
			error = add_named(side, number, pattern);
	}
	return error ? no_memory(diagnostic) : 0;
}

static int compare_named(const void *left, const void *right)
{
	const struct embargo_named *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	return order ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

static int compare_digests(const void *left, const void *right)
{
	const struct embargo_numbered *a = left, *b = right;
	int order = memcmp(a->digest.bytes, b->digest.bytes, sizeof(a->digest.bytes));

	if (order || a->rule != b->rule)
		return order ? order : a->rule < b->rule ? -1 : 1;
	return (a->list > b->list) - (a->list < b->list);
}

/* Sorts, and takes out what a rule names twice. */
static void settle(struct embargo_side *side)
{
	size_t kept = 0;

	if (side->named_count)
		qsort(side->named, side->named_count, sizeof(*side->named), compare_named);
	for (size_t i = 0; i < side->named_count; i++)
		if (!kept || compare_named(&side->named[kept - 1], &side->named[i]))
			side->named[kept++] = side->named[i];
	side->named_count = kept;
	kept = 0;
	if (side->digest_count)
		qsort(side->digests, side->digest_count, sizeof(*side->digests), compare_digests);
	for (size_t i = 0; i < side->digest_count; i++) {
		const struct embargo_numbered *last = kept ? &side->digests[kept - 1] : NULL;
		const struct embargo_numbered *next = &side->digests[i];

		if (!last || last->rule != next->rule ||
		    memcmp(last->digest.bytes, next->digest.bytes, sizeof(last->digest.bytes)))
			side->digests[kept++] = *next;
	}
	side->digest_count = kept;
}

int embargo_side_make(const struct embargo_policy_set *set, const char *profile,
		      struct embargo_side *side, struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	*side = (struct embargo_side) { 0 };
	if (bind(set, profile, side))
		return no_memory(diagnostic);
	for (size_t i = 0; i < side->bound_count && !error; i++)
		error = add_rule(side, (__u32)i, diagnostic);
	if (!error)
		settle(side);
	return error;
}

int embargo_side_ask(struct embargo_side *side, const __u32 *rules, size_t count, __u32 *timeline,
		     struct embargo_diagnostic *diagnostic)
{
	return embargo_timelines_find(&side->timelines, rules, count, false, timeline, diagnostic);
}

/* The first entry of @key (of @length bytes), or the count. */
static size_t find(const struct embargo_side *side, const char *key, size_t length)
{
	size_t low = 0, high = side->named_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strncmp(side->named[middle].key, key, length);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int by_number(const void *left, const void *right)
{
	__u32 a = *(const __u32 *)left, b = *(const __u32 *)right;

	return (a > b) - (a < b);
}

/* Enters the rules of the very key, as far as they are not there. */
static size_t enter(const struct embargo_side *side, const char *key, size_t length, __u32 *rules,
		    size_t count)
{
	for (size_t i = find(side, key, length); i < side->named_count; i++) {
		size_t known = 0;

		if (strncmp(side->named[i].key, key, length) || side->named[i].key[length])
			break;
		while (known < count && rules[known] != side->named[i].rule)
			known++;
		if (known == count)
			rules[count++] = side->named[i].rule;
	}
	return count;
}

size_t embargo_side_cover(const struct embargo_side *side, const char *key, __u32 *rules)
{
	size_t length = strlen(key), count = enter(side, key, length, rules, 0);
	size_t start = strlen(EMBARGO_KEY_PATH);

	if (!strncmp(key, EMBARGO_KEY_PATH, start))
		for (size_t i = start; i + 1 < length; i++)
			if (key[i] == '/')
				count = enter(side, key, i + 1, rules, count);
	qsort(rules, count, sizeof(*rules), by_number);
	return count;
}
