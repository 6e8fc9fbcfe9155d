// SPDX-License-Identifier: GPL-2.0-or-later
/* The signers of a generation. */
#include "loader/policy/signer_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/model/signer.h"

int embargo_signer_table_key(const struct embargo_identity *identity,
			     struct embargo_signer_key *key)
{
	int error = embargo_signer_key_make(
		embargo_identity_value(identity, EMBARGO_ATTRIBUTE_ISSUER_CN),
		embargo_identity_value(identity, EMBARGO_ATTRIBUTE_SERIAL),
		embargo_identity_value(identity, EMBARGO_ATTRIBUTE_KEY_ID), key);

	/* A serial and a key id at once match no signer there is, but that is for the policy to
	 * say. */
	return error == -EINVAL ? -ENOTSUP : error;
}

static int add(struct embargo_signer_table *table, const struct embargo_identity *identity,
	       struct embargo_signer_naming naming)
{
	int error = embargo_signer_table_key(identity, &naming.key);

	if (error)
		return error;
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 16;
		void *namings = reallocarray(table->namings, room, sizeof(*table->namings));

		if (!namings)
			return -ENOMEM;
		table->namings = namings;
		table->room = room;
	}
	table->namings[table->count++] = naming;
	return 0;
}

int embargo_signer_table_add(struct embargo_signer_table *table,
			     const struct embargo_identity *identity, __u32 rule)
{
	return add(table, identity, (struct embargo_signer_naming) { .rule = rule });
}

int embargo_signer_table_waive(struct embargo_signer_table *table,
			       const struct embargo_identity *identity, __u32 waiver)
{
	return add(table, identity, (struct embargo_signer_naming) { .waiver = waiver });
}

/* By rules first, then by waivers. */
static int compare(const void *a, const void *b)
{
	const struct embargo_signer_naming *left = a, *right = b;
	int order = memcmp(&left->key, &right->key, sizeof(left->key));

	if (!order)
		order = (left->waiver > right->waiver) - (left->waiver < right->waiver);
	return order ? order : (left->rule > right->rule) - (left->rule < right->rule);
}

/* What the namings of one key name: the rules, or @waivers; @numbers has room for all of them. */
static size_t collect(const struct embargo_signer_naming *namings, size_t count, bool waivers,
		      __u32 *numbers)
{
	size_t different = 0;

	for (size_t i = 0; i < count; i++) {
		__u32 number = waivers ? namings[i].waiver : namings[i].rule;

		if (waivers != (namings[i].waiver != 0))
			continue;
		if (!different || numbers[different - 1] != number)
			numbers[different++] = number;
	}
	return different;
}

/* The namings of one key, as one entry. */
static int emit_key(const struct embargo_signer_naming *namings, size_t count, __u32 *numbers,
		    struct embargo_timelines *timelines, struct embargo_waiver_table *waivers,
		    struct embargo_tables *tables, struct embargo_diagnostic *diagnostic)
{
	struct embargo_signer_entry *entry = &tables->signers[tables->signer_count];
	__u32 combination = embargo_signer_combination(namings[0].key.parts);
	int error;

	entry->key = namings[0].key;
	error = embargo_timelines_find(timelines, numbers, collect(namings, count, false, numbers),
				       false, &entry->is.timeline, diagnostic);
	if (!error)
		error = embargo_waiver_table_unite(waivers, numbers,
						   collect(namings, count, true, numbers),
						   &entry->is.waived, diagnostic);
	if (error)
		return error;
	tables->signer_count++;
	if (entry->is.timeline) {
		tables->head.signer_count++;
		tables->head.signer_combinations |= combination;
	}
	if (entry->is.waived)
		tables->head.waived_combinations |= combination;
	return 0;
}

int embargo_signer_table_emit(struct embargo_signer_table *table,
			      struct embargo_timelines *timelines,
			      struct embargo_waiver_table *waivers, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	__u32 *numbers = calloc(table->count + 1, sizeof(*numbers));
	size_t from, to;
	int error = 0;

	tables->signers = calloc(table->count + 1, sizeof(*tables->signers));
	if (!numbers || !tables->signers)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	if (table->count)
		qsort(table->namings, table->count, sizeof(*table->namings), compare);
	for (from = 0; from < table->count && !error; from = to) {
		for (to = from + 1; to < table->count; to++)
			if (memcmp(&table->namings[from].key, &table->namings[to].key,
				   sizeof(table->namings[to].key)))
				break;
		error = emit_key(&table->namings[from], to - from, numbers, timelines, waivers,
				 tables, diagnostic);
	}
	return error;
}

void embargo_signer_table_free(struct embargo_signer_table *table)
{
	free(table->namings);
	*table = (struct embargo_signer_table) { 0 };
}
