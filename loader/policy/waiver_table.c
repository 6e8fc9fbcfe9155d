// SPDX-License-Identifier: GPL-2.0-or-later
/* The waivers of a generation. */
#include "loader/policy/waiver_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"

static int no_memory(struct embargo_diagnostic *diagnostic)
{
	return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
}

/* Whom nobody of the host's anchors has signed speaks for itself alone, where there are anchors. */
static __u64 waived_policies(const struct embargo_policy_set *set,
			     const struct embargo_policy *policy)
{
	bool speaks_for_others = policy->is_signed || !set->is_anchored;
	__u64 policies = 0;

	_Static_assert(EMBARGO_POLICY_COUNT <= 64, "a bit for each policy");
	for (size_t i = 0; i < set->count; i++)
		if ((speaks_for_others || policy == set->policies[i]) &&
		    embargo_policy_waives(policy, set->policies[i]))
			policies |= 1ULL << i;
	return policies;
}

static size_t count_waivers(const struct embargo_policy_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += set->policies[i]->waiver_count;
	return count;
}

static void fill(const struct embargo_policy_set *set, const struct embargo_policy *policy,
		 struct embargo_permit *permits)
{
	__u64 policies = waived_policies(set, policy);

	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct embargo_waiver *waiver = &policy->waivers[i];

		permits[i].from = waiver->from.set ? waiver->from.ns : INT64_MIN;
		permits[i].until = waiver->until;
		permits[i].policies = policies;
		strcpy(permits[i].ticket, waiver->ticket); /* as long as the grammar allows */
	}
}

int embargo_waiver_table_begin(struct embargo_waiver_table *table,
			       const struct embargo_policy_set *set, struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic)
{
	size_t count = count_waivers(set), number = 1;

	table->set = set;
	if (!count)
		return 0;
	if (count > EMBARGO_POLICY_WAIVERS) {
		embargo_diagnostic_remedy(diagnostic, "change the rules instead");
		return embargo_diagnostic_what(diagnostic, -E2BIG,
					       "%zu waivers in all policies, where %d are the most",
					       count, EMBARGO_POLICY_WAIVERS);
	}
	tables->waivers = calloc(count + 1, sizeof(*tables->waivers));
	table->sets = calloc(1, sizeof(*table->sets));
	table->kexec = calloc(count, sizeof(*table->kexec));
	if (!tables->waivers || !table->sets || !table->kexec)
		return no_memory(diagnostic);
	table->set_count = table->set_room = 1;
	for (size_t i = 0; i < set->count; number += set->policies[i++]->waiver_count)
		fill(set, set->policies[i], &tables->waivers[number]);
	tables->waiver_count = count + 1;
	tables->head.waiver_count = (__u32)count;
	return 0;
}

const struct embargo_waiver *embargo_waiver_find(const struct embargo_policy_set *set, __u32 number,
						 const struct embargo_policy **policy)
{
	for (size_t i = 0; i < set->count && number; i++) {
		if (number <= set->policies[i]->waiver_count) {
			if (policy)
				*policy = set->policies[i];
			return &set->policies[i]->waivers[number - 1];
		}
		number -= (__u32)set->policies[i]->waiver_count;
	}
	return NULL;
}

int embargo_waiver_table_add(struct embargo_waiver_table *table,
			     const struct embargo_digest *digest, __u32 waiver)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		void *namings = reallocarray(table->namings, room, sizeof(*table->namings));

		if (!namings)
			return -ENOMEM;
		table->namings = namings;
		table->room = room;
	}
	table->namings[table->count++] = (struct embargo_waived_naming) { *digest, waiver };
	return 0;
}

void embargo_waiver_table_add_kexec(struct embargo_waiver_table *table, __u32 waiver)
{
	table->kexec[table->kexec_count++] = waiver;
}

static int refuse(const struct embargo_waiver_table *table, __u32 waiver,
		  struct embargo_diagnostic *diagnostic)
{
	const struct embargo_policy *policy = NULL;
	const struct embargo_waiver *last = embargo_waiver_find(table->set, waiver, &policy);

	if (last)
		embargo_diagnostic_at(diagnostic, policy->file, last->mark.line, last->mark.column);
	embargo_diagnostic_remedy(diagnostic, "take out those that have ended");
	return embargo_diagnostic_what(diagnostic, -E2BIG,
				       "more than %d waivers meet on what this one is for",
				       EMBARGO_WAIVERS_MEET);
}

int embargo_waiver_table_unite(struct embargo_waiver_table *table, const __u32 *waivers,
			       size_t count, __u32 *set, struct embargo_diagnostic *diagnostic)
{
	struct embargo_waiver_set wanted = { .number = { 0 } };

	if (!count) {
		*set = 0;
		return 0;
	}
	if (count > EMBARGO_WAIVERS_MEET)
		return refuse(table, waivers[EMBARGO_WAIVERS_MEET], diagnostic);
	memcpy(wanted.number, waivers, count * sizeof(*waivers));
	for (size_t i = 1; i < table->set_count; i++)
		if (!memcmp(&table->sets[i], &wanted, sizeof(wanted))) {
			*set = (__u32)i;
			return 0;
		}
	if (table->set_count == table->set_room) {
		size_t room = 2 * table->set_room + 16;
		void *sets = reallocarray(table->sets, room, sizeof(*table->sets));

		if (!sets)
			return no_memory(diagnostic);
		table->sets = sets;
		table->set_room = room;
	}
	*set = (__u32)table->set_count;
	table->sets[table->set_count++] = wanted;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct embargo_waived_naming *a = left, *b = right;
	int order = memcmp(&a->digest, &b->digest, sizeof(a->digest));

	return order ? order : (a->waiver > b->waiver) - (a->waiver < b->waiver);
}

/* The namings of one digest from @first on; returns the place after the last. */
static size_t end_of_run(const struct embargo_waiver_table *table, size_t first)
{
	size_t end = first + 1;

	while (end < table->count &&
	       !memcmp(&table->namings[end].digest, &table->namings[first].digest,
		       sizeof(table->namings[first].digest)))
		end++;
	return end;
}

/* @waivers has room for each of the table's. */
static int emit_digest(struct embargo_waiver_table *table, size_t first, size_t end, __u32 *waivers,
		       struct embargo_waived_entry *entry, struct embargo_diagnostic *diagnostic)
{
	size_t different = 0;

	for (size_t i = first; i < end; i++)
		if (!different || waivers[different - 1] != table->namings[i].waiver)
			waivers[different++] = table->namings[i].waiver;
	entry->digest = table->namings[first].digest;
	return embargo_waiver_table_unite(table, waivers, different, &entry->set, diagnostic);
}

static int emit_digests(struct embargo_waiver_table *table, struct embargo_tables *tables,
			struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	__u32 *waivers = calloc(table->count + 1, sizeof(*waivers));
	size_t end;
	int error = 0;

	tables->waived = calloc(table->count + 1, sizeof(*tables->waived));
	if (!waivers || !tables->waived)
		return no_memory(diagnostic);
	if (table->count)
		qsort(table->namings, table->count, sizeof(*table->namings), compare);
	for (size_t i = 0; i < table->count && !error; i = end) {
		end = end_of_run(table, i);
		error = emit_digest(table, i, end, waivers, &tables->waived[tables->waived_count++],
				    diagnostic);
	}
	return error;
}

int embargo_waiver_table_emit(struct embargo_waiver_table *table, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic)
{
	int error;

	if (!tables->waiver_count)
		return 0;
	error = emit_digests(table, tables, diagnostic);
	if (!error)
		error = embargo_waiver_table_unite(table, table->kexec, table->kexec_count,
						   &tables->head.waived_kexec, diagnostic);
	return error;
}

void embargo_waiver_table_end(struct embargo_waiver_table *table, struct embargo_tables *tables)
{
	tables->waiver_sets = TAKE_PTR(table->sets);
	tables->waiver_set_count = table->set_count;
}

void embargo_waiver_table_free(struct embargo_waiver_table *table)
{
	free(table->namings);
	free(table->kexec);
	free(table->sets);
	*table = (struct embargo_waiver_table) { 0 };
}
