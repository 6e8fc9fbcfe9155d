// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of identities, their words, and how each of their values is compared. */
#include "loader/model/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/text/name.h"

static const char *const attribute_names[] = {
	[EMBARGO_ATTRIBUTE_UNKNOWN] = NULL,
	[EMBARGO_ATTRIBUTE_VALUE] = "value",
	[EMBARGO_ATTRIBUTE_SUBJECT] = "subject",
	[EMBARGO_ATTRIBUTE_CN] = "cn",
	[EMBARGO_ATTRIBUTE_O] = "o",
	[EMBARGO_ATTRIBUTE_SUBJECT_SERIAL] = "subject-serial",
	[EMBARGO_ATTRIBUTE_ISSUER] = "issuer",
	[EMBARGO_ATTRIBUTE_ISSUER_CN] = "issuer-cn",
	[EMBARGO_ATTRIBUTE_SERIAL] = "serial",
	[EMBARGO_ATTRIBUTE_SHA256] = "sha256",
	[EMBARGO_ATTRIBUTE_KEY_ID] = "key-id",
	[EMBARGO_ATTRIBUTE_NAME] = "name",
	[EMBARGO_ATTRIBUTE_VERSION] = "version",
	[EMBARGO_ATTRIBUTE_ARCHITECTURE] = "architecture",
	[EMBARGO_ATTRIBUTE_VENDOR] = "vendor",
	[EMBARGO_ATTRIBUTE_MAINTAINER] = "maintainer",
	[EMBARGO_ATTRIBUTE_AUTHOR] = "author",
	[EMBARGO_ATTRIBUTE_SRCVERSION] = "srcversion",
	[EMBARGO_ATTRIBUTE_PATH] = "path",
	[EMBARGO_ATTRIBUTE_INTERPRETER] = "interpreter",
	[EMBARGO_ATTRIBUTE_RPATH] = "rpath",
	[EMBARGO_ATTRIBUTE_RUNPATH] = "runpath",
};
_Static_assert(ARRAY_SIZE(attribute_names) == EMBARGO_ATTRIBUTE_COUNT, "a word for each attribute");

/* A kind: its word, and how a rule's values are held against a file's. */
static const struct {
	const char *name;
	enum embargo_attribute single;
	enum embargo_comparison compare[EMBARGO_ATTRIBUTE_COUNT];
} kinds[] = {
	[EMBARGO_IDENTITY_UNKNOWN] = { 0 },
	[EMBARGO_IDENTITY_SHA256] = { "sha256", EMBARGO_ATTRIBUTE_VALUE, { 0 } },
	[EMBARGO_IDENTITY_PATH] = { "path", EMBARGO_ATTRIBUTE_VALUE, { 0 } },
	[EMBARGO_IDENTITY_MEMORY] = { "memory", EMBARGO_ATTRIBUTE_VALUE, { 0 } },
	[EMBARGO_IDENTITY_FSVERITY] = { "fsverity",
					EMBARGO_ATTRIBUTE_VALUE,
					{ [EMBARGO_ATTRIBUTE_VALUE] = EMBARGO_COMPARISON_HEX } },
	[EMBARGO_IDENTITY_X509] = { "x509",
				    EMBARGO_ATTRIBUTE_UNKNOWN,
				    {
					    [EMBARGO_ATTRIBUTE_CN] = EMBARGO_COMPARISON_NAME,
					    [EMBARGO_ATTRIBUTE_O] = EMBARGO_COMPARISON_NAME,
					    [EMBARGO_ATTRIBUTE_SUBJECT_SERIAL] =
						    EMBARGO_COMPARISON_NAME,
					    [EMBARGO_ATTRIBUTE_ISSUER_CN] = EMBARGO_COMPARISON_NAME,
					    [EMBARGO_ATTRIBUTE_SERIAL] = EMBARGO_COMPARISON_HEX,
					    [EMBARGO_ATTRIBUTE_SHA256] = EMBARGO_COMPARISON_HEX,
				    } },
	[EMBARGO_IDENTITY_MODULE_SIGNER] = { "module-signer",
					     EMBARGO_ATTRIBUTE_UNKNOWN,
					     {
						     [EMBARGO_ATTRIBUTE_ISSUER_CN] =
							     EMBARGO_COMPARISON_NAME,
						     [EMBARGO_ATTRIBUTE_SERIAL] =
							     EMBARGO_COMPARISON_HEX,
						     [EMBARGO_ATTRIBUTE_KEY_ID] =
							     EMBARGO_COMPARISON_HEX,
					     } },
	[EMBARGO_IDENTITY_IMA_KEY] = { "ima-key",
				       EMBARGO_ATTRIBUTE_KEY_ID,
				       { [EMBARGO_ATTRIBUTE_KEY_ID] = EMBARGO_COMPARISON_TAIL } },
	[EMBARGO_IDENTITY_OPENPGP] = { "openpgp",
				       EMBARGO_ATTRIBUTE_KEY_ID,
				       { [EMBARGO_ATTRIBUTE_KEY_ID] = EMBARGO_COMPARISON_TAIL } },
	[EMBARGO_IDENTITY_PACKAGE] = { "package",
				       EMBARGO_ATTRIBUTE_UNKNOWN,
				       {
					       [EMBARGO_ATTRIBUTE_NAME] = EMBARGO_COMPARISON_GLOB,
					       [EMBARGO_ATTRIBUTE_VENDOR] = EMBARGO_COMPARISON_NAME,
					       [EMBARGO_ATTRIBUTE_MAINTAINER] =
						       EMBARGO_COMPARISON_NAME,
					       [EMBARGO_ATTRIBUTE_PATH] = EMBARGO_COMPARISON_PREFIX,
				       } },
	[EMBARGO_IDENTITY_BUILD_ID] = { "build-id",
					EMBARGO_ATTRIBUTE_VALUE,
					{ [EMBARGO_ATTRIBUTE_VALUE] = EMBARGO_COMPARISON_HEX } },
	[EMBARGO_IDENTITY_SONAME] = { "soname",
				      EMBARGO_ATTRIBUTE_VALUE,
				      { [EMBARGO_ATTRIBUTE_VALUE] = EMBARGO_COMPARISON_EXACT } },
	[EMBARGO_IDENTITY_NEEDED] = { "needed",
				      EMBARGO_ATTRIBUTE_VALUE,
				      { [EMBARGO_ATTRIBUTE_VALUE] = EMBARGO_COMPARISON_EXACT } },
	[EMBARGO_IDENTITY_MODINFO] = { "modinfo",
				       EMBARGO_ATTRIBUTE_UNKNOWN,
				       {
					       [EMBARGO_ATTRIBUTE_AUTHOR] = EMBARGO_COMPARISON_NAME,
					       [EMBARGO_ATTRIBUTE_NAME] = EMBARGO_COMPARISON_MODULE,
				       } },
	[EMBARGO_IDENTITY_DYNAMIC] = { "dynamic", EMBARGO_ATTRIBUTE_UNKNOWN, { 0 } },
};
_Static_assert(ARRAY_SIZE(kinds) == EMBARGO_IDENTITY_COUNT, "a row for each kind of identity");

const char *embargo_identity_kind_name(enum embargo_identity_kind kind)
{
	return kind < EMBARGO_IDENTITY_COUNT ? kinds[kind].name : NULL;
}

enum embargo_identity_kind embargo_identity_kind_parse(const char *word)
{
	for (enum embargo_identity_kind kind = 1; kind < EMBARGO_IDENTITY_COUNT; kind++)
		if (!strcmp(kinds[kind].name, word))
			return kind;
	return EMBARGO_IDENTITY_UNKNOWN;
}

const char *embargo_attribute_name(enum embargo_attribute attribute)
{
	return attribute < EMBARGO_ATTRIBUTE_COUNT ? attribute_names[attribute] : NULL;
}

enum embargo_attribute embargo_attribute_parse(const char *word)
{
	for (enum embargo_attribute at = 1; at < EMBARGO_ATTRIBUTE_COUNT; at++)
		if (!strcmp(attribute_names[at], word))
			return at;
	return EMBARGO_ATTRIBUTE_UNKNOWN;
}

enum embargo_attribute embargo_identity_single(enum embargo_identity_kind kind)
{
	return kind < EMBARGO_IDENTITY_COUNT ? kinds[kind].single : EMBARGO_ATTRIBUTE_UNKNOWN;
}

enum embargo_comparison embargo_attribute_comparison(enum embargo_identity_kind kind,
						     enum embargo_attribute attribute)
{
	if (kind >= EMBARGO_IDENTITY_COUNT || attribute >= EMBARGO_ATTRIBUTE_COUNT)
		return EMBARGO_COMPARISON_UNKNOWN;
	return kinds[kind].compare[attribute];
}

bool embargo_identity_is_named(enum embargo_identity_kind kind)
{
	return kind != EMBARGO_IDENTITY_UNKNOWN && kind != EMBARGO_IDENTITY_DYNAMIC &&
	       kind < EMBARGO_IDENTITY_COUNT;
}

void embargo_identities_free(struct embargo_identities *identities)
{
	embargo_arena_free(identities->arena);
	free(identities->array);
	*identities = (struct embargo_identities) { 0 };
}

struct embargo_identity *embargo_identities_add(struct embargo_identities *identities,
						enum embargo_identity_kind kind)
{
	if (identities->count == EMBARGO_IDENTITIES_MAX)
		return NULL;
	if (!identities->arena)
		identities->arena = embargo_arena_new();
	if (!identities->arena)
		return NULL;
	if (identities->count == identities->room) {
		size_t room = identities->room ? 2 * identities->room : 8;
		void *array = realloc(identities->array, room * sizeof(*identities->array));

		if (!array)
			return NULL;
		identities->array = array;
		identities->room = room;
	}
	identities->array[identities->count] = (struct embargo_identity) { .kind = kind };
	return &identities->array[identities->count++];
}

void embargo_identities_drop(struct embargo_identities *identities)
{
	if (identities->count)
		identities->count--;
}

static bool is_printable(const char *text, size_t length)
{
	for (size_t at = 0, used; at < length; at += used) {
		used = embargo_utf8_length(text + at, length - at);
		if (!used || (used == 1 && ((unsigned char)text[at] < ' ' || text[at] == 0x7f)))
			return false;
		/* C1 controls, U+0080 to U+009F. */
		if (used == 2 && (unsigned char)text[at] == 0xc2 &&
		    (unsigned char)text[at + 1] < 0xa0)
			return false;
	}
	return length > 0;
}

/* Room doubles: most identities have one value, none more than EMBARGO_ATTRIBUTES_MAX. */
static int make_room(struct embargo_identities *identities, struct embargo_identity *identity)
{
	struct embargo_value *values;

	if (identity->count & (identity->count - 1))
		return 0;
	values = embargo_arena_take(identities->arena, identity->count ? 2 * identity->count : 1,
				    sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (identity->count)
		memcpy(values, identity->values, identity->count * sizeof(*values));
	identity->values = values;
	return 0;
}

int embargo_identities_set(struct embargo_identities *identities, struct embargo_identity *identity,
			   enum embargo_attribute attribute, const char *text, size_t length)
{
	char *copy;

	if (length >= EMBARGO_ATTRIBUTE_SIZE || identity->count == EMBARGO_ATTRIBUTES_MAX)
		return -E2BIG;
	if (!is_printable(text, length))
		return -EBADMSG;
	copy = embargo_arena_copy(identities->arena, text, length);
	if (!copy || make_room(identities, identity))
		return -ENOMEM;
	identity->values[identity->count++] =
		(struct embargo_value) { .attribute = attribute, .text = copy };
	return 0;
}

int embargo_identities_copy(struct embargo_identities *identities,
			    const struct embargo_identity *identity)
{
	struct embargo_identity *made = embargo_identities_add(identities, identity->kind);
	int error = made ? 0 : identities->count < EMBARGO_IDENTITIES_MAX ? -ENOMEM : -E2BIG;

	if (error)
		return error;
	for (size_t i = 0; i < identity->count && !error; i++)
		error = embargo_identities_set(identities, made, identity->values[i].attribute,
					       identity->values[i].text,
					       strlen(identity->values[i].text));
	if (error) {
		embargo_identities_drop(identities);
		return error;
	}
	made->digest_ok = identity->digest_ok;
	made->chain_ok = identity->chain_ok;
	return 0;
}

bool embargo_identity_equal(const struct embargo_identity *left,
			    const struct embargo_identity *right)
{
	if (left->kind != right->kind || left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (left->values[i].attribute != right->values[i].attribute ||
		    strcmp(left->values[i].text, right->values[i].text))
			return false;
	return true;
}

const char *embargo_identity_value(const struct embargo_identity *identity,
				   enum embargo_attribute attribute)
{
	for (size_t i = 0; i < identity->count; i++)
		if (identity->values[i].attribute == attribute)
			return identity->values[i].text;
	return NULL;
}

static bool is_hex_equal(const char *found, const char *named)
{
	found += strspn(found, "0");
	named += strspn(named, "0");
	return !strcasecmp(found, named);
}

/* The shorter is what the other ends in; the kernel's own key ids have 8 digits. */
static bool is_tail(const char *found, const char *named)
{
	size_t left = strlen(found), right = strlen(named);
	size_t length = left < right ? left : right;

	return length >= 8 && !strcasecmp(found + left - length, named + right - length);
}

static bool is_below(const char *found, const char *named)
{
	size_t length = strlen(named);

	return named[length - 1] == '/' ? !strncmp(found, named, length) : !strcmp(found, named);
}

static bool is_same_module(const char *found, const char *named)
{
	for (; *found && *named; found++, named++)
		if (*found != *named && !(strchr("-_", *found) && strchr("-_", *named)))
			return false;
	return *found == *named;
}

/* Of a pattern's characters only * is one: "kesl[1]" is a name. Goes back to the last * alone. */
static bool is_like(const char *found, const char *named)
{
	const char *star = NULL, *resume = NULL;

	while (*found) {
		if (*named == '*') {
			star = ++named;
			resume = found;
		} else if (*named == *found) {
			named++;
			found++;
		} else if (star) {
			named = star;
			found = ++resume;
		} else {
			return false;
		}
	}
	return !named[strspn(named, "*")];
}

static bool is_equal(enum embargo_comparison how, const char *found, const char *named)
{
	switch (how) {
	case EMBARGO_COMPARISON_NAME:
		return embargo_name_equal(found, named);
	case EMBARGO_COMPARISON_EXACT:
		return !strcmp(found, named);
	case EMBARGO_COMPARISON_HEX:
		return is_hex_equal(found, named);
	case EMBARGO_COMPARISON_TAIL:
		return is_tail(found, named);
	case EMBARGO_COMPARISON_GLOB:
		return is_like(found, named);
	case EMBARGO_COMPARISON_PREFIX:
		return is_below(found, named);
	case EMBARGO_COMPARISON_MODULE:
		return is_same_module(found, named);
	case EMBARGO_COMPARISON_UNKNOWN:
		break;
	}
	return false;
}

static bool has_value(const struct embargo_identity *found, const struct embargo_value *named)
{
	enum embargo_comparison how = embargo_attribute_comparison(found->kind, named->attribute);

	for (size_t i = 0; i < found->count; i++)
		if (found->values[i].attribute == named->attribute &&
		    is_equal(how, found->values[i].text, named->text))
			return true;
	return false;
}

bool embargo_identity_matches(const struct embargo_identity *found,
			      const struct embargo_identity *named)
{
	if (found->kind != named->kind || !named->count)
		return false;
	for (size_t i = 0; i < named->count; i++)
		if (!has_value(found, &named->values[i]))
			return false;
	return true;
}

char *embargo_identity_format(const struct embargo_identity *identity, char *text, size_t size)
{
	bool single = embargo_identity_single(identity->kind) != EMBARGO_ATTRIBUTE_UNKNOWN;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < identity->count && used < size; i++) {
		const struct embargo_value *value = &identity->values[i];

		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? ", " : "",
					 single ? "" : embargo_attribute_name(value->attribute),
					 single ? "" : "=", value->text);
	}
	return text;
}
