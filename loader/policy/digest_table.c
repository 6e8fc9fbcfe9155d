// SPDX-License-Identifier: GPL-2.0-or-later
/* The digests of a generation. */
#include "loader/policy/digest_table.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"

__u32 embargo_kind_scopes(enum embargo_kind kind, bool sized)
{
	static const struct {
		__u32 always;
		__u32 sized; /* besides: where the size filter clears nearly every other file */
	} scopes[] = {
		[EMBARGO_KIND_UNKNOWN] = { 0, 0 },
		[EMBARGO_KIND_ANY] = { EMBARGO_SCOPES_EXEC | EMBARGO_SCOPE_MAP_EXEC |
					       EMBARGO_SCOPE_MODULE | EMBARGO_SCOPE_FIRMWARE |
					       EMBARGO_SCOPE_KEXEC,
				       EMBARGO_SCOPE_MAP_DATA },
		[EMBARGO_KIND_ELF] = { EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_MAP_EXEC,
				       EMBARGO_SCOPE_MAP_DATA },
		[EMBARGO_KIND_PE] = { EMBARGO_SCOPE_EXEC_PE, EMBARGO_SCOPES_MAP },
		[EMBARGO_KIND_SCRIPT] = { EMBARGO_SCOPE_EXEC_SCRIPT, EMBARGO_SCOPES_MAP },
		[EMBARGO_KIND_MODULE] = { EMBARGO_SCOPE_MODULE, 0 },
		[EMBARGO_KIND_PACKAGE] = { 0, 0 }, /* never executed: for check and scan */
	};
	_Static_assert(ARRAY_SIZE(scopes) == EMBARGO_KIND_COUNT, "scopes for each kind");

	return scopes[kind].always | (sized ? scopes[kind].sized : 0);
}

int embargo_digest_table_add(struct embargo_digest_table *table,
			     const struct embargo_digest *digest, __u64 size, __u32 scopes,
			     __u32 rule)
{
	size_t room = table->room ? 2 * table->room : 1024;
	struct embargo_naming *namings;

	if (table->count == EMBARGO_POLICY_DIGESTS)
		return -E2BIG;
	if (table->count == table->room) {
		namings = reallocarray(table->namings, room, sizeof(*namings));
		if (!namings)
			return -ENOMEM;
		table->namings = namings;
		table->room = room;
	}
	table->namings[table->count++] = (struct embargo_naming) { *digest, size, rule, scopes };
	return 0;
}

/* The first bytes tell nearly all digests apart, and a comparison of numbers is no call. */
static uint64_t leading_bytes(const struct embargo_naming *naming)
{
	uint64_t bytes;

	memcpy(&bytes, naming->digest.bytes, sizeof(bytes));
	return be64toh(bytes);
}

static int compare_namings(const void *left, const void *right)
{
	const struct embargo_naming *a = left, *b = right;
	uint64_t first = leading_bytes(a), second = leading_bytes(b);
	int order;

	if (first != second)
		return first < second ? -1 : 1;
	order = memcmp(&a->digest, &b->digest, sizeof(a->digest));
	return order ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

static int compare_sizes(const void *left, const void *right)
{
	const struct embargo_size_entry *a = left, *b = right;

	return (a->size > b->size) - (a->size < b->size);
}

/* The namings of one digest from @first on; returns the index after the last. */
static size_t end_of_run(const struct embargo_digest_table *table, size_t first)
{
	size_t next = first + 1;

	while (next < table->count &&
	       !memcmp(&table->namings[next].digest, &table->namings[first].digest,
		       sizeof(table->namings[first].digest)))
		next++;
	return next;
}

/* The timeline of the rules of namings [@first, @end) that count in any of @scopes; all do in 0. */
static int unite_rules(const struct embargo_digest_table *table, size_t first, size_t end,
		       __u32 scopes, __u32 *rules, struct embargo_timelines *timelines,
		       __u32 *timeline, struct embargo_diagnostic *diagnostic)
{
	size_t count = 0;

	for (size_t i = first; i < end; i++) {
		if (scopes && !(table->namings[i].scopes & scopes))
			continue;
		if (!count || rules[count - 1] != table->namings[i].rule)
			rules[count++] = table->namings[i].rule;
	}
	return embargo_timelines_find(timelines, rules, count, false, timeline, diagnostic);
}

/* Unites the namings [@first, @end) into one entry. @rules has room for every rule. */
static int unite(const struct embargo_digest_table *table, size_t first, size_t end, __u32 *rules,
		 struct embargo_timelines *timelines, struct embargo_digest_entry *entry,
		 struct embargo_diagnostic *diagnostic)
{
	int error;

	entry->digest = table->namings[first].digest;
	for (size_t i = first; i < end; i++)
		entry->listed.scopes |= table->namings[i].scopes;
	error = unite_rules(table, first, end, 0, rules, timelines, &entry->listed.timeline,
			    diagnostic);
	if (error)
		return error;
	return unite_rules(table, first, end, EMBARGO_SCOPE_OPEN, rules, timelines,
			   &entry->listed.opens, diagnostic);
}

static size_t count_runs(const struct embargo_digest_table *table)
{
	size_t runs = 0;

	for (size_t i = 0; i < table->count; i = end_of_run(table, i))
		runs++;
	return runs;
}

static __u32 last_rule(const struct embargo_digest_table *table)
{
	__u32 last = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->namings[i].rule > last)
			last = table->namings[i].rule;
	return last;
}

static int emit_digests(const struct embargo_digest_table *table,
			struct embargo_timelines *timelines, struct embargo_tables *tables,
			struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	struct embargo_digest_entry *entries = NULL;
	_cleanup_free_
	__u32 *rules = NULL;
	size_t count = 0, end;
	int error = 0;

	entries = calloc(count_runs(table), sizeof(*entries));
	rules = calloc((size_t)last_rule(table) + 1, sizeof(*rules));
	if (!entries || !rules)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	for (size_t i = 0; i < table->count && !error; i = end) {
		end = end_of_run(table, i);
		error = unite(table, i, end, rules, timelines, &entries[count++], diagnostic);
	}
	if (error)
		return error;
	tables->digests = TAKE_PTR(entries);
	tables->digest_count = count;
	tables->head.digest_count = (__u32)count;
	return 0;
}

/* The sized namings that the kernel looks at, as sizes; the rest makes scopes unsized. */
static size_t collect_sizes(const struct embargo_digest_table *table,
			    struct embargo_size_entry *sizes, struct embargo_generation *head)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct embargo_naming *naming = &table->namings[i];

		if (!naming->size) {
			head->unsized_scopes |= naming->scopes;
		} else if (naming->scopes) {
			head->sized_scopes |= naming->scopes;
			sizes[count++] = (struct embargo_size_entry) { .size = naming->size,
								       .scopes = naming->scopes };
		}
	}
	return count;
}

static size_t unite_sizes(struct embargo_size_entry *sizes, size_t count)
{
	size_t kept = 0;

	qsort(sizes, count, sizeof(*sizes), compare_sizes);
	for (size_t i = 0; i < count; i++) {
		if (kept && sizes[kept - 1].size == sizes[i].size)
			sizes[kept - 1].scopes |= sizes[i].scopes;
		else
			sizes[kept++] = sizes[i];
	}
	return kept;
}

static int emit_sizes(const struct embargo_digest_table *table, struct embargo_tables *tables,
		      struct embargo_diagnostic *diagnostic)
{
	struct embargo_size_entry *sizes = calloc(table->count, sizeof(*sizes)), *fitting;
	size_t count;

	if (!sizes)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	count = collect_sizes(table, sizes, &tables->head);
	count = unite_sizes(sizes, count);
	if (!count) {
		free(sizes);
		return 0;
	}
	fitting = reallocarray(sizes, count, sizeof(*sizes));
	tables->sizes = fitting ? fitting : sizes;
	tables->size_count = count;
	tables->head.size_count = (__u32)count;
	for (size_t i = 0; i < count; i++)
		embargo_filter_add(tables->head.size_filter,
				   embargo_size_bit(tables->sizes[i].size));
	return 0;
}

int embargo_digest_table_emit(struct embargo_digest_table *table,
			      struct embargo_timelines *timelines, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic)
{
	int error;

	if (!table->count)
		return 0;
	qsort(table->namings, table->count, sizeof(*table->namings), compare_namings);
	error = emit_digests(table, timelines, tables, diagnostic);
	return error ? error : emit_sizes(table, tables, diagnostic);
}

void embargo_digest_table_free(struct embargo_digest_table *table)
{
	free(table->namings);
	*table = (struct embargo_digest_table) { 0 };
}
