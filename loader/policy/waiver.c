// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse: a waiver, and whose rules it waives. */
#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/policy/document.h"

/* A ticket stands in events, in the journal and on terminals: what takes no quoting there. */
static int take_ticket(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	int error = embargo_scalar_check(reader, node);

	for (const char *at = node->text; !error && *at; at++)
		if (*at <= ' ' || *at > '~')
			error = embargo_reader_refuse(
				reader, node->mark, -EINVAL,
				"write its number as the ticket system has it, in ASCII",
				"'%.64s' cannot be a ticket", node->text);
	if (!error && strlen(node->text) >= EMBARGO_NAME_SIZE)
		error = embargo_reader_refuse(reader, node->mark, -E2BIG, "shorten it",
					      "a ticket of %zu bytes, where %d are the most",
					      strlen(node->text), EMBARGO_NAME_SIZE - 1);
	if (!error)
		*(const char **)target = node->text;
	return error;
}

/* Blanks are no reason, and nobody's name. */
static int take_statement(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (!error && !node->text[strspn(node->text, " \t\r\n")])
		error = embargo_reader_refuse(reader, node->mark, -EINVAL,
					      "write what an auditor can check",
					      "a text of blanks alone");
	if (!error)
		*(const char **)target = node->text;
	return error;
}

static int take_until(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	struct embargo_moment moment;
	int error = embargo_moment_take(reader, node, &moment);

	if (!error)
		*(int64_t *)target = moment.ns;
	return error;
}

/* What a waiver says besides what it is for; all but `from` is required. */
static const struct embargo_field fields[] = {
	{ "until", take_until, offsetof(struct embargo_waiver, until), true },
	{ "ticket", take_ticket, offsetof(struct embargo_waiver, ticket), true },
	{ "reason", take_statement, offsetof(struct embargo_waiver, reason), true },
	{ "by", take_statement, offsetof(struct embargo_waiver, by), true },
	{ "from", embargo_moment_take, offsetof(struct embargo_waiver, from), false },
};
_Static_assert(ARRAY_SIZE(fields) <= 32, "a bit for each");

static size_t find_field(const char *key)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(fields) && strcmp(fields[i].key, key))
		i++;
	return i;
}

/* @taken gets a bit for each field that was there. */
static int take_key(const struct embargo_reader *reader, const struct embargo_node *key,
		    struct embargo_waiver *waiver, unsigned int *taken)
{
	size_t i = find_field(key->text);

	if (i < ARRAY_SIZE(fields)) {
		*taken |= 1U << i;
		return fields[i].take(reader, key->next, (char *)waiver + fields[i].offset);
	}
	if (strcmp(key->text, "size") &&
	    !embargo_identity_is_named(embargo_identity_kind_parse(key->text)))
		return embargo_reader_refuse(
			reader, key->mark, -EINVAL,
			"the keys there are one identity, as in any:, and from, until, ticket, "
			"reason, by",
			"unknown key '%.64s' in a waiver", key->text);
	return embargo_pattern_take_key(reader, key, &waiver->identity);
}

static int check(const struct embargo_reader *reader, const struct embargo_waiver *waiver,
		 unsigned int taken)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].required && !(taken & 1U << i))
			return embargo_reader_refuse(reader, waiver->mark, -EINVAL, "add it",
						     "a waiver without the key '%s'",
						     fields[i].key);
	if (waiver->identity.identity.kind == EMBARGO_IDENTITY_UNKNOWN)
		return embargo_reader_refuse(
			reader, waiver->mark, -EINVAL,
			"add what it is for: sha256: ..., path: ... or another "
			"identity",
			"a waiver for nothing");
	if (waiver->from.set && waiver->until <= waiver->from.ns)
		return embargo_reader_refuse(reader, waiver->mark, -EINVAL, "correct the dates",
					     "a waiver that ends before it begins");
	return embargo_pattern_check(reader, &waiver->identity);
}

int embargo_waiver_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_waiver waiver = { .mark = node->mark, .identity.mark = node->mark };
	const struct embargo_node *key = node->first;
	unsigned int taken = 0;
	int error = 0;

	if (node->kind != EMBARGO_NODE_MAPPING)
		return embargo_reader_refuse(
			reader, node->mark, -EINVAL,
			"write { sha256: ..., until: ..., ticket: ..., reason: "
			"..., by: ... }",
			"expected a waiver");
	for (; key && !error; key = key->next->next)
		error = take_key(reader, key, &waiver, &taken);
	if (!error)
		error = check(reader, &waiver, taken);
	if (!error)
		*(struct embargo_waiver *)target = waiver;
	return error;
}

int embargo_waives_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_waives waives = { .mark = node->mark };
	int error = 0;

	if (node->kind == EMBARGO_NODE_SCALAR) {
		waives.any = !strcmp(node->text, "any");
		if (!waives.any)
			error = embargo_reader_refuse(reader, node->mark, -EINVAL,
						      "write any, or a list of policies' ids",
						      "waives: of '%.64s'", node->text);
	} else {
		error = embargo_elements_take(reader, node, "ids of policies", EMBARGO_POLICY_COUNT,
					      sizeof(*waives.policies), embargo_id_take,
					      &waives.policies, &waives.count);
	}
	if (!error)
		*(struct embargo_waives *)target = waives;
	return error;
}
