// SPDX-License-Identifier: GPL-2.0-or-later
/* Values out of nodes: mappings by their table, and the scalars that all documents share. */
#include "loader/policy/field.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/model/digest.h"
#include "loader/model/time.h"

int embargo_reader_refuse(const struct embargo_reader *reader, struct embargo_mark mark, int error,
			  const char *remedy, const char *format, ...)
{
	struct embargo_diagnostic *diagnostic = reader->diagnostic;
	va_list arguments;

	embargo_diagnostic_at(diagnostic, reader->file, mark.line, mark.column);
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	va_start(arguments, format);
	vsnprintf(diagnostic->what, sizeof(diagnostic->what), format, arguments);
	va_end(arguments);
	return error;
}

int embargo_reader_no_memory(const struct embargo_reader *reader)
{
	return embargo_reader_refuse(reader, (struct embargo_mark) { 0 }, -ENOMEM, "",
				     "out of memory");
}

static int refuse_unknown(const struct embargo_reader *reader, const struct embargo_node *key,
			  const char *what, const struct embargo_field *fields)
{
	char known[EMBARGO_DIAGNOSTIC_TEXT - 64] = "";
	size_t used = 0;

	for (; fields->key && used < sizeof(known); fields++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 used ? ", " : "", fields->key);
	embargo_reader_refuse(reader, key->mark, -EINVAL, "", "unknown key '%.64s' in %s",
			      key->text, what);
	embargo_diagnostic_remedy(reader->diagnostic, "the keys there are %s", known);
	return -EINVAL;
}

static const struct embargo_node *find_value(const struct embargo_node *mapping, const char *key)
{
	const struct embargo_node *node = mapping->first;

	for (; node; node = node->next->next)
		if (!strcmp(node->text, key))
			return node->next;
	return NULL;
}

static int check_keys(const struct embargo_reader *reader, const struct embargo_node *node,
		      const char *what, const struct embargo_field *fields)
{
	const struct embargo_node *key = node->first;
	const struct embargo_field *field;

	for (; key; key = key->next->next) {
		for (field = fields; field->key && strcmp(field->key, key->text); field++)
			;
		if (!field->key)
			return refuse_unknown(reader, key, what, fields);
	}
	for (field = fields; field->key; field++)
		if (field->required && !find_value(node, field->key))
			return embargo_reader_refuse(reader, node->mark, -EINVAL, "add it",
						     "%s without the key '%s'", what, field->key);
	return 0;
}

int embargo_fields_take(const struct embargo_reader *reader, const struct embargo_node *node,
			const char *what, const struct embargo_field *fields, void *into)
{
	int error;

	if (node->kind != EMBARGO_NODE_MAPPING)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write KEY: VALUE, one a line",
					     "%s has to be a mapping", what);
	error = check_keys(reader, node, what, fields);
	for (; !error && fields->key; fields++) {
		const struct embargo_node *value = find_value(node, fields->key);

		if (value)
			error = fields->take(reader, value, (char *)into + fields->offset);
	}
	return error;
}

int embargo_elements_take(const struct embargo_reader *reader, const struct embargo_node *node,
			  const char *what, size_t most, size_t size, embargo_taker *take,
			  void *array, size_t *count)
{
	const struct embargo_node *element = node->first;
	char *elements;
	int error = 0;

	if (node->kind != EMBARGO_NODE_SEQUENCE || !node->count)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write one after another, each after a dash",
					     "expected a list of %s, not empty", what);
	if (node->count > most)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "divide the policy",
					     "%zu %s, where %zu are the most", node->count, what,
					     most);
	elements = embargo_arena_take(reader->arena, node->count, size);
	if (!elements)
		return embargo_reader_no_memory(reader);
	for (size_t i = 0; element && !error; i++, element = element->next)
		error = take(reader, element, elements + i * size);
	if (error)
		return error;
	*(void **)array = elements;
	*count = node->count;
	return 0;
}

int embargo_scalar_check(const struct embargo_reader *reader, const struct embargo_node *node)
{
	if (node->kind == EMBARGO_NODE_SCALAR && node->text[0])
		return 0;
	return embargo_reader_refuse(reader, node->mark, -EINVAL, "write a value here",
				     node->kind == EMBARGO_NODE_SCALAR ? "an empty value"
								       : "expected a single value");
}

int embargo_text_take(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (!error)
		*(const char **)target = node->text;
	return error;
}

/* Ids stand in events, in JSON and on terminals: none of these takes quoting anywhere. */
int embargo_id_take(const struct embargo_reader *reader, const struct embargo_node *node,
		    void *target)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (node->text[strspn(node->text, allowed)] || strchr("._-", node->text[0]))
		return embargo_reader_refuse(
			reader, node->mark, -EINVAL,
			"use letters, digits and . _ -, beginning with a letter or digit",
			"'%.64s' cannot be an id", node->text);
	if (strlen(node->text) >= EMBARGO_NAME_SIZE)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "shorten it",
					     "an id of %zu bytes, where %d are the most",
					     strlen(node->text), EMBARGO_NAME_SIZE - 1);
	*(const char **)target = node->text;
	return 0;
}

static int refuse_moment(const struct embargo_reader *reader, const struct embargo_node *node,
			 int error)
{
	switch (error) {
	case -ENODATA:
		return embargo_reader_refuse(
			reader, node->mark, -EINVAL,
			"a legal day starts somewhere: write the hour and the offset, like "
			"2024-09-29T00:00:00-04:00",
			"'%.64s' has no offset", node->text);
	case -EDOM:
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "correct the date",
					     "'%.64s' is not in the calendar", node->text);
	case -ERANGE:
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "correct the year",
					     "'%.64s' is not between 1678 and 2261", node->text);
	default:
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write it like 2024-09-29T00:00:00-04:00",
					     "'%.64s' is not a time", node->text);
	}
}

int embargo_moment_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_moment moment = { .set = true };
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	error = embargo_time_parse(node->text, &moment.ns);
	if (error)
		return refuse_moment(reader, node, error);
	*(struct embargo_moment *)target = moment;
	return 0;
}

/* Decimal digits without a leading zero (010 is 8 to some readers); what follows them is in @rest.
 */
static int take_digits(const char *text, uint64_t *number, const char **rest)
{
	uint64_t value = 0;

	if (*text < '1' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
			return -ERANGE;
	*number = value;
	*rest = text;
	return 0;
}

static int refuse_number(const struct embargo_reader *reader, const struct embargo_node *node,
			 const char *remedy)
{
	return embargo_reader_refuse(reader, node->mark, -EINVAL, remedy,
				     "'%.64s' is not a number that can stand here", node->text);
}

int embargo_number_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	static const char remedy[] = "write a decimal number, 1 or more, without leading zeros";
	int error = embargo_scalar_check(reader, node);
	const char *rest;
	uint64_t number;

	if (error)
		return error;
	/* JSON and the kernel's signed sizes both hold what is below 2^63. */
	if (take_digits(node->text, &number, &rest) || *rest || number > INT64_MAX)
		return refuse_number(reader, node, remedy);
	*(uint64_t *)target = number;
	return 0;
}

int embargo_bytes_take(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	static const struct {
		const char *name;
		unsigned int shift;
	} units[] = { { "", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 } };
	int error = embargo_scalar_check(reader, node);
	const char *rest;
	uint64_t number;

	if (error)
		return error;
	if (take_digits(node->text, &number, &rest))
		return refuse_number(reader, node, "write bytes, or a number of KiB, MiB or GiB");
	rest += *rest == ' ';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(rest, units[i].name) || number > (UINT64_MAX >> units[i].shift))
			continue;
		*(uint64_t *)target = number << units[i].shift;
		return 0;
	}
	return refuse_number(reader, node, "write bytes, or a number of KiB, MiB or GiB");
}

int embargo_switch_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (strcmp(node->text, "yes") && strcmp(node->text, "no"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write yes or no",
					     "'%.64s' is neither yes nor no", node->text);
	*(bool *)target = node->text[0] == 'y';
	return 0;
}

int embargo_sha256_take(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_digest digest;
	int error = embargo_scalar_check(reader, node);
	size_t length;

	if (error)
		return error;
	length = strlen(node->text);
	if (length != EMBARGO_DIGEST_HEX)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write the 64 characters that sha256sum prints",
					     "a digest of %zu characters, where SHA-256 has 64",
					     length);
	if (embargo_digest_parse(node->text, length, &digest))
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write the 64 characters that sha256sum prints",
					     "'%.64s' is not hexadecimal", node->text);
	if (embargo_digest_is_of_nothing(&digest))
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "take it out",
					     "the digest of the empty file, which would name "
					     "every empty file");
	*(struct embargo_digest *)target = digest;
	return 0;
}
