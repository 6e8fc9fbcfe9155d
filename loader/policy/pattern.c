// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse: what a rule names, one identity with its values. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/policy/document.h"
#include "loader/text/name.h"

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
	*(const char **)target = node->text;
	return 0;
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

/* Hexadecimal numbers that a rule may name: how many digits are one. */
struct hex_form {
	enum embargo_identity_kind kind;
	enum embargo_attribute attribute;
	size_t lengths[4]; /* any of them; two numbers with a zero behind: from, to */
	const char *remedy;
};

static const struct hex_form hex_forms[] = {
	{ EMBARGO_IDENTITY_FSVERITY,
	  EMBARGO_ATTRIBUTE_VALUE,
	  { 64, 128, 64, 128 },
	  "write the 64 or 128 digits that `fsverity digest` prints" },
	{ EMBARGO_IDENTITY_X509,
	  EMBARGO_ATTRIBUTE_SERIAL,
	  { 1, 40, 0 },
	  "write the certificate's serial number, 1 to 40 digits" },
	{ EMBARGO_IDENTITY_X509,
	  EMBARGO_ATTRIBUTE_SHA256,
	  { 64, 64, 64, 64 },
	  "write the 64 digits of the certificate's SHA-256" },
	{ EMBARGO_IDENTITY_MODULE_SIGNER,
	  EMBARGO_ATTRIBUTE_SERIAL,
	  { 1, 40, 0 },
	  "write the signer's serial number, 1 to 40 digits" },
	{ EMBARGO_IDENTITY_MODULE_SIGNER,
	  EMBARGO_ATTRIBUTE_KEY_ID,
	  { 8, 40, 0 },
	  "write the subject key identifier, 8 to 40 digits" },
	{ EMBARGO_IDENTITY_IMA_KEY,
	  EMBARGO_ATTRIBUTE_KEY_ID,
	  { 8, 40, 0 },
	  "write the 8 digits of the key id, or the whole key identifier" },
	{ EMBARGO_IDENTITY_OPENPGP,
	  EMBARGO_ATTRIBUTE_KEY_ID,
	  { 16, 40, 64, 16 },
	  "write the 40 digits of the fingerprint, or the 16 of the key id" },
	{ EMBARGO_IDENTITY_BUILD_ID,
	  EMBARGO_ATTRIBUTE_VALUE,
	  { 2, 128, 0 },
	  "write the digits that `file` or `readelf -n` print" },
};

static const struct hex_form *find_hex_form(enum embargo_identity_kind kind,
					    enum embargo_attribute attribute)
{
	for (size_t i = 0; i < ARRAY_SIZE(hex_forms); i++)
		if (hex_forms[i].kind == kind && hex_forms[i].attribute == attribute)
			return &hex_forms[i];
	return NULL;
}

static bool has_length(const struct hex_form *form, size_t length)
{
	if (!form->lengths[2])
		return length >= form->lengths[0] && length <= form->lengths[1];
	for (size_t i = 0; i < ARRAY_SIZE(form->lengths); i++)
		if (length == form->lengths[i])
			return true;
	return false;
}

/* Digits, also by pairs with colons between, as openssl prints them. */
static int take_hex(const struct embargo_reader *reader, const struct embargo_node *node,
		    const struct hex_form *form, const char **text)
{
	char *digits = embargo_arena_copy(reader->arena, node->text, strlen(node->text));
	size_t length = 0;

	if (!digits)
		return embargo_reader_no_memory(reader);
	for (const char *at = node->text; *at; at++)
		if (*at != ':')
			digits[length++] = *at;
	digits[length] = '\0';
	if (digits[strspn(digits, "0123456789abcdefABCDEF")] || !has_length(form, length) ||
	    !digits[strspn(digits, "0")])
		return embargo_reader_refuse(reader, node->mark, -EINVAL, form->remedy,
					     "'%.140s' cannot be such a number", node->text);
	*text = digits;
	return 0;
}

/* What is left of a name after folding has to be something: "..." would be the same as nothing. */
static int take_name(const struct embargo_reader *reader, const struct embargo_node *node,
		     const char **text)
{
	char folded[EMBARGO_ATTRIBUTE_SIZE];

	if (embargo_name_fold(node->text, strlen(node->text), folded, sizeof(folded)) < 0)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write a name with letters or digits in it, of less "
					     "than 1024 bytes",
					     "'%.140s' is no name", node->text);
	*text = node->text;
	return 0;
}

/* A pattern of a package's name: enough of it must stand before the first *. */
static int take_package_name(const struct embargo_reader *reader, const struct embargo_node *node,
			     const char **text)
{
	if (!strcspn(node->text, "*"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "begin it with what all the names begin with",
					     "a package name that begins with *");
	*text = node->text;
	return 0;
}

static int take_value(const struct embargo_reader *reader, const struct embargo_node *node,
		      enum embargo_identity_kind kind, struct embargo_value *value)
{
	const struct hex_form *form = find_hex_form(kind, value->attribute);
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (strlen(node->text) >= EMBARGO_ATTRIBUTE_SIZE)
		return embargo_reader_refuse(reader, node->mark, -E2BIG, "shorten it",
					     "a value of more than %d bytes",
					     EMBARGO_ATTRIBUTE_SIZE - 1);
	if (form)
		return take_hex(reader, node, form, &value->text);
	switch (embargo_attribute_comparison(kind, value->attribute)) {
	case EMBARGO_COMPARISON_NAME:
		return take_name(reader, node, &value->text);
	case EMBARGO_COMPARISON_GLOB:
		return take_package_name(reader, node, &value->text);
	case EMBARGO_COMPARISON_PREFIX:
		return take_path(reader, node, &value->text);
	default:
		value->text = node->text;
		return 0;
	}
}

/* "cn, o, serial": the attributes that rules may name of @kind. */
static const char *list_attributes(enum embargo_identity_kind kind, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (enum embargo_attribute at = 1; at < EMBARGO_ATTRIBUTE_COUNT && used < size; at++)
		if (embargo_attribute_comparison(kind, at) != EMBARGO_COMPARISON_UNKNOWN)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 embargo_attribute_name(at));
	return text;
}

static int refuse_attribute(const struct embargo_reader *reader, struct embargo_mark mark,
			    enum embargo_identity_kind kind, const char *word)
{
	char known[128], remedy[192];

	snprintf(remedy, sizeof(remedy), "write { %s: { ... } } with some of %s",
		 embargo_identity_kind_name(kind), list_attributes(kind, known, sizeof(known)));
	return embargo_reader_refuse(reader, mark, -EINVAL, remedy, "'%.64s' says nothing of %s",
				     word, embargo_identity_kind_name(kind));
}

/* { cn: NAME, serial: HEX }: all of it of one and the same signer, or package. */
static int take_values(const struct embargo_reader *reader, const struct embargo_node *node,
		       struct embargo_identity *identity)
{
	const struct embargo_node *key = node->first;
	int error = 0;

	if (node->kind != EMBARGO_NODE_MAPPING || !node->count)
		return refuse_attribute(reader, node->mark, identity->kind,
					node->kind == EMBARGO_NODE_SCALAR ? node->text : "");
	identity->values =
		embargo_arena_take(reader->arena, node->count / 2, sizeof(*identity->values));
	if (!identity->values)
		return embargo_reader_no_memory(reader);
	for (; key && !error; key = key->next->next) {
		struct embargo_value *value = &identity->values[identity->count++];

		value->attribute = embargo_attribute_parse(key->text);
		if (!embargo_attribute_comparison(identity->kind, value->attribute))
			return refuse_attribute(reader, key->mark, identity->kind, key->text);
		error = take_value(reader, key->next, identity->kind, value);
	}
	return error;
}

static int take_single(const struct embargo_reader *reader, const struct embargo_node *node,
		       struct embargo_identity *identity)
{
	identity->values = embargo_arena_take(reader->arena, 1, sizeof(*identity->values));
	if (!identity->values)
		return embargo_reader_no_memory(reader);
	identity->values[0].attribute = embargo_identity_single(identity->kind);
	identity->count = 1;
	return take_value(reader, node, identity->kind, &identity->values[0]);
}

/*
 * A short name ("kfl") may be anybody's: it counts only below a path. What stands before a * is
 * what is known of the name.
 */
static int check_package(const struct embargo_reader *reader, struct embargo_mark mark,
			 const struct embargo_identity *identity)
{
	const char *name = embargo_identity_value(identity, EMBARGO_ATTRIBUTE_NAME);
	char remedy[128];

	if (!name || strcspn(name, "*") >= EMBARGO_POLICY_PACKAGE_NAME ||
	    embargo_identity_value(identity, EMBARGO_ATTRIBUTE_PATH))
		return 0;
	snprintf(remedy, sizeof(remedy),
		 "add the path below which it is installed: path: /opt/%.64s/", name);
	return embargo_reader_refuse(reader, mark, -EINVAL, remedy,
				     "the package name '%.64s' is short, and could be anybody's",
				     name);
}

static int take_found_kind(const struct embargo_reader *reader, const struct embargo_node *node,
			   struct embargo_identity *identity)
{
	int error;

	if (embargo_identity_single(identity->kind) != EMBARGO_ATTRIBUTE_UNKNOWN)
		return take_single(reader, node, identity);
	error = take_values(reader, node, identity);
	if (!error && identity->kind == EMBARGO_IDENTITY_PACKAGE)
		error = check_package(reader, node->mark, identity);
	return error;
}

static int take_kind(const struct embargo_reader *reader, const struct embargo_node *node,
		     struct embargo_pattern *pattern)
{
	switch (pattern->identity.kind) {
	case EMBARGO_IDENTITY_SHA256:
		return embargo_sha256_take(reader, node, &pattern->digest);
	case EMBARGO_IDENTITY_PATH:
		return take_path(reader, node, &pattern->path);
	case EMBARGO_IDENTITY_MEMORY:
		return take_memory(reader, node, pattern);
	default:
		return take_found_kind(reader, node, &pattern->identity);
	}
}

static int refuse_kind(const struct embargo_reader *reader, const struct embargo_node *key)
{
	enum embargo_identity_kind last = EMBARGO_IDENTITY_COUNT - 1;
	char known[160] = "write ";
	size_t used = strlen(known);

	while (!embargo_identity_is_named(last))
		last--;
	for (enum embargo_identity_kind kind = 1; kind <= last; kind++)
		if (embargo_identity_is_named(kind))
			used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
						 kind == 1	? ""
						 : kind == last ? " or "
								: ", ",
						 embargo_identity_kind_name(kind));
	return embargo_reader_refuse(reader, key->mark, -EINVAL, known,
				     "unknown identity kind '%.64s'", key->text);
}

/* The value under the kind's name, where it is the only one. */
static int take_named(const struct embargo_reader *reader, const struct embargo_node *key,
		      struct embargo_pattern *pattern)
{
	enum embargo_identity_kind kind = embargo_identity_kind_parse(key->text);

	if (!embargo_identity_is_named(kind))
		return refuse_kind(reader, key);
	if (pattern->identity.kind != EMBARGO_IDENTITY_UNKNOWN)
		return embargo_reader_refuse(reader, key->mark, -EINVAL,
					     "write one after another, each after a dash",
					     "an identity of two kinds");
	pattern->identity.kind = kind;
	return take_kind(reader, key->next, pattern);
}

int embargo_pattern_take_key(const struct embargo_reader *reader, const struct embargo_node *key,
			     struct embargo_pattern *pattern)
{
	if (strcmp(key->text, "size"))
		return take_named(reader, key, pattern);
	pattern->sized = true;
	return embargo_number_take(reader, key->next, &pattern->size);
}

int embargo_pattern_check(const struct embargo_reader *reader,
			  const struct embargo_pattern *pattern)
{
	if (pattern->sized && pattern->identity.kind != EMBARGO_IDENTITY_SHA256)
		return embargo_reader_refuse(reader, pattern->mark, -EINVAL, "take it out",
					     "a size without a sha256");
	return 0;
}

int embargo_pattern_take(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	struct embargo_pattern pattern = { .mark = node->mark };
	const struct embargo_node *key = node->first;
	int error = 0;

	if (node->kind != EMBARGO_NODE_MAPPING || !node->count)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write { sha256: ... } or { path: ... }",
					     "expected an identity");
	for (; key && !error; key = key->next->next)
		error = embargo_pattern_take_key(reader, key, &pattern);
	if (!error)
		error = embargo_pattern_check(reader, &pattern);
	if (!error)
		*(struct embargo_pattern *)target = pattern;
	return error;
}
