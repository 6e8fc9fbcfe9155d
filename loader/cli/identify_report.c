// SPDX-License-Identifier: GPL-2.0-or-later
/* What `embargo identify` says of one file: lines for people, an object for programs. */
#include "loader/cli/identify_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/json/identity.h"

/* The keys of a signer, each an attribute of an identity. */
static const struct {
	const char *key;
	enum embargo_attribute attribute;
} signer_keys[] = {
	{ "subject", EMBARGO_ATTRIBUTE_SUBJECT },
	{ "subject_cn", EMBARGO_ATTRIBUTE_CN },
	{ "subject_o", EMBARGO_ATTRIBUTE_O },
	{ "subject_serial", EMBARGO_ATTRIBUTE_SUBJECT_SERIAL },
	{ "issuer", EMBARGO_ATTRIBUTE_ISSUER },
	{ "issuer_cn", EMBARGO_ATTRIBUTE_ISSUER_CN },
	{ "serial_hex", EMBARGO_ATTRIBUTE_SERIAL },
	{ "cert_sha256", EMBARGO_ATTRIBUTE_SHA256 },
	{ "key_id", EMBARGO_ATTRIBUTE_KEY_ID },
};

static bool is_signer(const struct embargo_identity *identity)
{
	switch (identity->kind) {
	case EMBARGO_IDENTITY_X509:
	case EMBARGO_IDENTITY_MODULE_SIGNER:
	case EMBARGO_IDENTITY_IMA_KEY:
	case EMBARGO_IDENTITY_OPENPGP:
		return true;
	default:
		return false;
	}
}

/* Does @signer only repeat what the certificate before it says? */
static bool is_repeated(const struct embargo_identities *set, size_t index)
{
	static const enum embargo_attribute keys[] = { EMBARGO_ATTRIBUTE_SERIAL,
						       EMBARGO_ATTRIBUTE_ISSUER,
						       EMBARGO_ATTRIBUTE_KEY_ID };
	const struct embargo_identity *signer = &set->array[index];

	if (signer->kind != EMBARGO_IDENTITY_MODULE_SIGNER || !index ||
	    set->array[index - 1].kind != EMBARGO_IDENTITY_X509)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *certificate = embargo_identity_value(&set->array[index - 1], keys[i]);
		const char *own = embargo_identity_value(signer, keys[i]);

		if (own && (!certificate || strcmp(own, certificate)))
			return false;
	}
	return true;
}

/* null, a text, or an array of texts. */
static int set_values(json_t *object, const char *key, const struct embargo_identity *identity,
		      enum embargo_attribute attribute)
{
	json_t *values = json_array(), *only;
	int failed = 0;

	for (size_t i = 0; i < identity->count; i++)
		if (identity->values[i].attribute == attribute)
			failed |= json_array_append_new(values,
							json_string(identity->values[i].text));
	if (json_array_size(values) > 1)
		return embargo_json_set(object, key, values) | failed;
	only = json_incref(json_array_get(values, 0));
	json_decref(values);
	return embargo_json_set(object, key, only ? only : json_null()) | failed;
}

static int append_signer(json_t *array, const struct embargo_identity *identity)
{
	json_t *object = json_object();
	int failed =
		embargo_json_set_text(object, "kind", embargo_identity_kind_name(identity->kind));

	for (size_t i = 0; i < ARRAY_SIZE(signer_keys); i++)
		failed |=
			set_values(object, signer_keys[i].key, identity, signer_keys[i].attribute);
	failed |= embargo_json_set_validity(object, "digest_ok", identity->digest_ok);
	failed |= embargo_json_set_validity(object, "chain_ok", identity->chain_ok);
	return json_array_append_new(array, object) | failed;
}

static int set_signers(json_t *object, const struct embargo_identities *set)
{
	json_t *signers = json_array();
	int failed = 0;

	for (size_t i = 0; i < set->count; i++)
		if (is_signer(&set->array[i]) && !is_repeated(set, i))
			failed |= append_signer(signers, &set->array[i]);
	failed |= embargo_json_set(object, "signed", json_boolean(json_array_size(signers)));
	return embargo_json_set(object, "signers", signers) | failed;
}

/* An identity of one value that need not be UTF-8. */
static int append_value(json_t *array, const char *kind, const char *value)
{
	json_t *object = json_object();
	int failed = embargo_json_set_text(object, "kind", kind);

	failed |= embargo_json_set_path(object, "value", value);
	return json_array_append_new(array, object) | failed;
}

static int append_digest(json_t *array, const struct embargo_content *content)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];

	return append_value(array, "sha256",
			    embargo_hex_format(content->digest.bytes, EMBARGO_SHA256_SIZE, hex));
}

static int set_identities(json_t *object, const char *path, const struct embargo_specimen *specimen)
{
	json_t *array = json_array();
	_cleanup_free_
	char *resolved = realpath(path, NULL);
	int failed = append_digest(array, &specimen->file);

	if (specimen->has_inner)
		failed |= append_digest(array, &specimen->inner);
	for (size_t i = 0; i < specimen->identities.count; i++) {
		json_t *identity = NULL;

		failed |= embargo_identity_to_json(&specimen->identities.array[i], &identity);
		failed |= json_array_append_new(array, identity);
	}
	if (resolved)
		failed |= append_value(array, "path", resolved);
	return embargo_json_set(object, "identities", array) | failed;
}

static size_t shown_faults(const struct embargo_specimen *specimen)
{
	return specimen->fault_count < EMBARGO_FAULTS_MAX ? specimen->fault_count
							  : EMBARGO_FAULTS_MAX;
}

static int set_faults(json_t *object, const struct embargo_specimen *specimen)
{
	json_t *array = json_array();
	int failed = 0;

	for (size_t i = 0; i < shown_faults(specimen); i++) {
		json_t *fault = json_object();

		failed |= embargo_json_set_number(fault, "at", specimen->faults[i].at);
		failed |= embargo_json_set_text(fault, "what", specimen->faults[i].what);
		failed |= json_array_append_new(array, fault);
	}
	if (specimen->fault_count > EMBARGO_FAULTS_MAX)
		failed |= embargo_json_set_number(object, "more_faults",
						  specimen->fault_count - EMBARGO_FAULTS_MAX);
	return embargo_json_set(object, "faults", array) | failed;
}

static const char *find_build_id(const struct embargo_specimen *specimen)
{
	for (size_t i = 0; i < specimen->identities.count; i++)
		if (specimen->identities.array[i].kind == EMBARGO_IDENTITY_BUILD_ID)
			return embargo_identity_value(&specimen->identities.array[i],
						      EMBARGO_ATTRIBUTE_VALUE);
	return NULL;
}

int embargo_identify_add(json_t *array, const char *path, const struct embargo_specimen *specimen)
{
	json_t *object = json_object();
	int failed = embargo_json_set_path(object, "path", path);

	failed |= embargo_json_set_text(object, "kind", embargo_kind_name(specimen->kind));
	failed |= embargo_json_set_number(object, "size", specimen->file.size);
	failed |= embargo_json_set_hex(object, "sha256", specimen->file.digest.bytes,
				       EMBARGO_SHA256_SIZE);
	failed |= embargo_json_set_text(object, "build_id", find_build_id(specimen));
	failed |= set_signers(object, &specimen->identities);
	failed |= set_identities(object, path, specimen);
	failed |= set_faults(object, specimen);
	failed |= json_array_append_new(array, object);
	return failed ? -ENOMEM : 0;
}

static void print_line(const char *word, const char *value, const char *more)
{
	char printable[EMBARGO_ATTRIBUTES_MAX * (EMBARGO_ATTRIBUTE_SIZE + 32)];

	printf("  %-15s%s%s\n", word, embargo_utf8_printable(value, printable, sizeof(printable)),
	       more);
}

static void print_digest(const struct embargo_content *content)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];

	print_line("sha256", embargo_hex_format(content->digest.bytes, EMBARGO_SHA256_SIZE, hex),
		   "");
}

static void print_identity(const struct embargo_identity *identity)
{
	static const char *const digests[] = {
		[EMBARGO_VALIDITY_UNKNOWN] = "",
		[EMBARGO_VALIDITY_NO] = "; the signature does not verify",
		[EMBARGO_VALIDITY_YES] = "; the signature verifies",
	};
	static const char *const chains[] = {
		[EMBARGO_VALIDITY_UNKNOWN] = "",
		[EMBARGO_VALIDITY_NO] = "; leads to no anchor",
		[EMBARGO_VALIDITY_YES] = "; leads to an anchor",
	};
	char text[EMBARGO_ATTRIBUTES_MAX * (EMBARGO_ATTRIBUTE_SIZE + 32)], more[128];

	snprintf(more, sizeof(more), "%s%s", digests[identity->digest_ok],
		 chains[identity->chain_ok]);
	print_line(embargo_identity_kind_name(identity->kind),
		   embargo_identity_format(identity, text, sizeof(text)), more);
}

void embargo_identify_print(const char *path, const struct embargo_specimen *specimen)
{
	char printable[4096];
	_cleanup_free_
	char *resolved = realpath(path, NULL);

	printf("%s\n  %-15s%s%s\n  %-15s%llu\n",
	       embargo_utf8_printable(path, printable, sizeof(printable)), "kind",
	       embargo_kind_name(specimen->kind), specimen->has_inner ? ", compressed" : "", "size",
	       (unsigned long long)specimen->file.size);
	print_digest(&specimen->file);
	if (specimen->has_inner)
		print_digest(&specimen->inner);
	for (size_t i = 0; i < specimen->identities.count; i++)
		print_identity(&specimen->identities.array[i]);
	if (resolved)
		print_line("path", resolved, "");
	for (size_t i = 0; i < shown_faults(specimen); i++)
		printf("  %-15s%s (at byte %llu)\n", "broken",
		       embargo_utf8_printable(specimen->faults[i].what, printable,
					      sizeof(printable)),
		       (unsigned long long)specimen->faults[i].at);
	if (specimen->fault_count > EMBARGO_FAULTS_MAX)
		printf("  %-15sand %zu more\n", "broken",
		       specimen->fault_count - EMBARGO_FAULTS_MAX);
}
