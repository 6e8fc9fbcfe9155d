// SPDX-License-Identifier: GPL-2.0-or-later
/* Identities as JSON, and back. */
#include "loader/json/identity.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"

#define FORMATTED_SIZE (EMBARGO_ATTRIBUTES_MAX * (EMBARGO_ATTRIBUTE_SIZE + 32))

int embargo_json_set_validity(json_t *object, const char *key, enum embargo_validity validity)
{
	return embargo_json_set(object, key,
				validity == EMBARGO_VALIDITY_UNKNOWN
					? json_null()
					: json_boolean(validity == EMBARGO_VALIDITY_YES));
}

/* One more value of an attribute: the first is a text, several are an array. */
static int add_value(json_t *attributes, const struct embargo_value *value)
{
	const char *word = embargo_attribute_name(value->attribute);
	json_t *there, *array, *text;

	if (!word)
		return -EINVAL;
	text = json_string(value->text);
	there = json_object_get(attributes, word);
	if (!there)
		return embargo_json_set(attributes, word, text);
	if (json_is_array(there))
		return json_array_append_new(there, text) ? -ENOMEM : 0;
	array = json_array();
	if (json_array_append(array, there) | json_array_append_new(array, text)) {
		json_decref(array);
		return -ENOMEM;
	}
	return embargo_json_set(attributes, word, array);
}

static int add_attributes(json_t *object, const struct embargo_identity *identity)
{
	_cleanup_json_ json_t *attributes = json_object();

	for (size_t i = 0; i < identity->count; i++) {
		int error = add_value(attributes, &identity->values[i]);

		if (error)
			return error;
	}
	return embargo_json_set(object, "attributes", json_incref(attributes));
}

int embargo_identity_to_json(const struct embargo_identity *identity, json_t **object)
{
	const char *word = embargo_identity_kind_name(identity->kind);
	_cleanup_json_ json_t *result = json_object();
	_cleanup_free_
	char *text = malloc(FORMATTED_SIZE);
	int error;

	if (!word || !identity->count)
		return -EINVAL;
	if (!text || !result)
		return -ENOMEM;
	embargo_identity_format(identity, text, FORMATTED_SIZE);
	error = embargo_json_set_text(result, "kind", word);
	if (!error)
		error = embargo_json_set_text(result, "value", text);
	if (!error && embargo_identity_single(identity->kind) == EMBARGO_ATTRIBUTE_UNKNOWN)
		error = add_attributes(result, identity);
	if (!error && identity->digest_ok != EMBARGO_VALIDITY_UNKNOWN)
		error = embargo_json_set_validity(result, "digest_ok", identity->digest_ok);
	if (!error && identity->chain_ok != EMBARGO_VALIDITY_UNKNOWN)
		error = embargo_json_set_validity(result, "chain_ok", identity->chain_ok);
	if (!error)
		*object = TAKE_PTR(result);
	return error;
}

int embargo_identities_to_json(const struct embargo_identities *identities, json_t **array)
{
	_cleanup_json_ json_t *result = json_array();

	if (!result)
		return -ENOMEM;
	for (size_t i = 0; i < identities->count; i++) {
		json_t *object = NULL;
		int error = embargo_identity_to_json(&identities->array[i], &object);

		if (error)
			return error;
		if (json_array_append_new(result, object))
			return -ENOMEM;
	}
	*array = TAKE_PTR(result);
	return 0;
}

/* An identity on its way in, and the set that it goes into. */
struct entry {
	struct embargo_identities *set;
	struct embargo_identity *identity;
};

static int take_text(struct entry *entry, enum embargo_attribute attribute, const json_t *text)
{
	if (!json_is_string(text))
		return -EBADMSG;
	return embargo_identities_set(entry->set, entry->identity, attribute,
				      json_string_value(text), json_string_length(text));
}

static int take_attribute(struct entry *entry, const char *word, const json_t *value)
{
	enum embargo_attribute attribute = embargo_attribute_parse(word);
	size_t count = json_array_size(value);
	int error = 0;

	if (attribute == EMBARGO_ATTRIBUTE_UNKNOWN)
		return -EBADMSG;
	if (!json_is_array(value))
		return take_text(entry, attribute, value);
	for (size_t i = 0; i < count && !error; i++)
		error = take_text(entry, attribute, json_array_get(value, i));
	return count ? error : -EBADMSG;
}

static int take_attributes(struct entry *entry, json_t *attributes)
{
	const char *word;
	json_t *value;

	if (!json_is_object(attributes))
		return -EBADMSG;
	json_object_foreach (attributes, word, value) {
		int error = take_attribute(entry, word, value);

		if (error)
			return error;
	}
	return entry->identity->count ? 0 : -EBADMSG;
}

static int take_validity(const json_t *value, enum embargo_validity *validity)
{
	if (!value || json_is_null(value))
		*validity = EMBARGO_VALIDITY_UNKNOWN;
	else if (json_is_boolean(value))
		*validity = json_is_true(value) ? EMBARGO_VALIDITY_YES : EMBARGO_VALIDITY_NO;
	else
		return -EBADMSG;
	return 0;
}

/* Are all keys known? What a newer version keeps is not to be read as if it were half of it. */
static bool has_known_keys(json_t *object)
{
	static const char *const keys[] = { "kind", "value", "attributes", "digest_ok",
					    "chain_ok" };
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		known += !!json_object_get(object, keys[i]);
	return known == json_object_size(object);
}

static int take_identity(struct embargo_identities *set, json_t *object)
{
	json_t *value = json_object_get(object, "value");
	json_t *attributes = json_object_get(object, "attributes");
	const char *word = json_string_value(json_object_get(object, "kind"));
	enum embargo_identity_kind kind =
		word ? embargo_identity_kind_parse(word) : EMBARGO_IDENTITY_UNKNOWN;
	enum embargo_attribute single = embargo_identity_single(kind);
	struct entry entry = { .set = set };
	int error;

	if (kind == EMBARGO_IDENTITY_UNKNOWN || !json_is_string(value) || !has_known_keys(object))
		return -EBADMSG;
	if ((single == EMBARGO_ATTRIBUTE_UNKNOWN) != !!attributes)
		return -EBADMSG;
	if (set->count == EMBARGO_IDENTITIES_MAX)
		return -E2BIG;
	entry.identity = embargo_identities_add(set, kind);
	if (!entry.identity)
		return -ENOMEM;
	error = attributes ? take_attributes(&entry, attributes) : take_text(&entry, single, value);
	if (!error)
		error = take_validity(json_object_get(object, "digest_ok"),
				      &entry.identity->digest_ok);
	if (!error)
		error = take_validity(json_object_get(object, "chain_ok"),
				      &entry.identity->chain_ok);
	return error;
}

int embargo_identities_from_json(const json_t *array, struct embargo_identities *identities)
{
	_cleanup_(embargo_identities_free) struct embargo_identities set = {};
	size_t count = json_array_size(array);

	if (!json_is_array(array))
		return -EBADMSG;
	if (count > EMBARGO_IDENTITIES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		int error = take_identity(&set, json_array_get(array, i));

		if (error)
			return error;
	}
	*identities = set;
	set = (struct embargo_identities) {};
	return 0;
}
