// SPDX-License-Identifier: GPL-2.0-or-later
/* A specimen as JSON. */
#include "loader/classify/specimen_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/json/identity.h"
#include "loader/model/digest.h"

static int set_content(json_t *object, const char *key, const struct embargo_content *content)
{
	json_t *made = json_object();
	int failed = embargo_json_set_number(made, "size", content->size);

	failed |= embargo_json_set_hex(made, "sha256", content->digest.bytes, EMBARGO_SHA256_SIZE);
	return embargo_json_set(object, key, made) | failed;
}

static size_t kept_faults(const struct embargo_specimen *specimen)
{
	return specimen->fault_count < EMBARGO_FAULTS_MAX ? specimen->fault_count
							  : EMBARGO_FAULTS_MAX;
}

static int set_faults(json_t *object, const struct embargo_specimen *specimen)
{
	json_t *array = json_array();
	int failed = 0;

	for (size_t i = 0; i < kept_faults(specimen); i++) {
		json_t *fault = json_object();

		failed |= embargo_json_set_number(fault, "at", specimen->faults[i].at);
		failed |= embargo_json_set_text(fault, "what", specimen->faults[i].what);
		failed |= json_array_append_new(array, fault);
	}
	return embargo_json_set(object, "faults", array) | failed;
}

int embargo_specimen_to_json(const struct embargo_specimen *specimen, json_t **object)
{
	_cleanup_json_ json_t *made = json_object();
	json_t *identities = NULL;
	int failed = embargo_json_set_number(made, "kind", specimen->kind);

	failed |= embargo_json_set_number(made, "exec_scope", specimen->exec_scope);
	failed |= set_content(made, "file", &specimen->file);
	if (specimen->has_inner)
		failed |= set_content(made, "inner", &specimen->inner);
	failed |= embargo_json_set_number(made, "inner_error", (uint64_t)-specimen->inner_error);
	failed |= embargo_identities_to_json(&specimen->identities, &identities);
	if (identities)
		failed |= embargo_json_set(made, "identities", identities);
	failed |= set_faults(made, specimen);
	failed |= embargo_json_set_number(made, "fault_count", specimen->fault_count);
	if (failed)
		return -ENOMEM;
	*object = TAKE_PTR(made);
	return 0;
}

/* A number from 0 to @most. */
static int get_number(const json_t *object, const char *key, uint64_t most, uint64_t *number)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > most)
		return -EBADMSG;
	*number = (uint64_t)json_integer_value(value);
	return 0;
}

static int get_content(const json_t *object, struct embargo_content *content)
{
	const char *hex = json_string_value(json_object_get(object, "sha256"));

	if (!hex || embargo_digest_parse(hex, strlen(hex), &content->digest))
		return -EBADMSG;
	return get_number(object, "size", INT64_MAX, &content->size);
}

static int get_faults(const json_t *array, struct embargo_specimen *specimen)
{
	if (!json_is_array(array) || json_array_size(array) != kept_faults(specimen))
		return -EBADMSG;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *fault = json_array_get(array, i);
		const char *what = json_string_value(json_object_get(fault, "what"));

		if (!what || get_number(fault, "at", INT64_MAX, &specimen->faults[i].at))
			return -EBADMSG;
		embargo_utf8_printable(what, specimen->faults[i].what, EMBARGO_FAULT_TEXT);
	}
	return 0;
}

static int get_numbers(const json_t *object, struct embargo_specimen *specimen)
{
	uint64_t kind, scope, inner_error, faults;
	int error = get_number(object, "kind", EMBARGO_KIND_COUNT - 1, &kind);

	if (!error)
		error = get_number(object, "exec_scope", EMBARGO_SCOPE_EXEC_OTHER, &scope);
	if (!error)
		error = get_number(object, "inner_error", 4095, &inner_error);
	if (!error)
		error = get_number(object, "fault_count", INT32_MAX, &faults);
	if (error || !(scope & EMBARGO_SCOPES_EXEC) || (scope & (scope - 1)))
		return -EBADMSG;
	specimen->kind = (enum embargo_kind)kind;
	specimen->exec_scope = (enum embargo_scope)scope;
	specimen->inner_error = -(int)inner_error;
	specimen->fault_count = faults;
	return 0;
}

int embargo_specimen_from_json(const json_t *object, struct embargo_specimen *specimen)
{
	const json_t *inner = json_object_get(object, "inner");
	struct embargo_specimen read = { .kind = 0 };
	int error = get_numbers(object, &read);

	if (!error)
		error = get_content(json_object_get(object, "file"), &read.file);
	if (!error && inner) {
		read.has_inner = true;
		error = get_content(inner, &read.inner);
	}
	if (!error)
		error = get_faults(json_object_get(object, "faults"), &read);
	if (!error)
		error = embargo_identities_from_json(json_object_get(object, "identities"),
						     &read.identities);
	if (!error)
		*specimen = read;
	return error;
}
