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

int embargo_signer_table_add(struct embargo_signer_table *table,
			     const struct embargo_identity *identity, __u32 rule)
{
	struct embargo_signer_naming naming = { .rule = rule };
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

static int compare(const void *a, const void *b)
{
	const struct embargo_signer_naming *left = a, *right = b;
	int order = memcmp(&left->key, &right->key, sizeof(left->key));

	return order ? order : (left->rule > right->rule) - (left->rule < right->rule);
}

/* The namings of one key, as one entry; @rules has room for all of them. */
static int emit_key(const struct embargo_signer_naming *namings, size_t count, __u32 *rules,
		    struct embargo_timelines *timelines, struct embargo_tables *tables,
		    struct embargo_diagnostic *diagnostic)
{
	struct embargo_signer_entry *entry = &tables->signers[tables->signer_count];
	size_t different = 0;
	int error;

	for (size_t i = 0; i < count; i++)
		if (!i || namings[i].rule != namings[i - 1].rule)
			rules[different++] = namings[i].rule;
	entry->key = namings[0].key;
	error = embargo_timelines_find(timelines, rules, different, false, &entry->timeline,
				       diagnostic);
	if (error)
		return error;
	tables->signer_count++;
	tables->head.signer_count++;
	tables->head.signer_combinations |= embargo_signer_combination(entry->key.parts);
	return 0;
}

int embargo_signer_table_emit(struct embargo_signer_table *table,
			      struct embargo_timelines *timelines, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	__u32 *rules = calloc(table->count + 1, sizeof(*rules));
	size_t from, to;
	int error = 0;

	tables->signers = calloc(table->count + 1, sizeof(*tables->signers));
	if (!rules || !tables->signers)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	if (table->count)
		qsort(table->namings, table->count, sizeof(*table->namings), compare);
	for (from = 0; from < table->count && !error; from = to) {
		for (to = from + 1; to < table->count; to++)
			if (memcmp(&table->namings[from].key, &table->namings[to].key,
				   sizeof(table->namings[to].key)))
				break;
		error = emit_key(&table->namings[from], to - from, rules, timelines, tables,
				 diagnostic);
	}
	return error;
}

void embargo_signer_table_free(struct embargo_signer_table *table)
{
	free(table->namings);
	*table = (struct embargo_signer_table) { 0 };
}
