// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing SPDX 2.2 and 2.3 JSON: packages by who supplied or made them, with the files in them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/import/document.h"

/*
 *   { "spdxVersion": "SPDX-2.3", "packages": [ ... ], "files": [ ... ], "relationships": [ ... ] }
 *
 *   package: SPDXID name versionInfo packageFileName supplier originator
 *            checksums [ { algorithm: SHA256, checksumValue } ]
 *            externalRefs [ { referenceType: purl, referenceLocator } ]    hasFiles [ SPDXID ]
 *   file:    SPDXID fileName checksums
 *   relationship: spdxElementId relationshipType (CONTAINS) relatedSpdxElement
 *
 * (spdx.github.io/spdx-spec/v2.3, clauses 7, 8 and 11)
 */
struct spdx {
	struct embargo_import *import;
	json_t *packages; /* chosen, by SPDXID: what is said of each */
	json_t *files;	  /* in a chosen package, by SPDXID: the SPDXID of that package */
	uint64_t without; /* a SHA-256, though chosen */
};

/* "AO Kaspersky Lab" of "Organization: AO Kaspersky Lab (info@example.org)"; NULL: nobody. */
static const char *name_party(const char *party, char *name, size_t size)
{
	static const char *const prefixes[] = { "Organization: ", "Person: " };
	char *bracket;

	if (!party || !strcmp(party, "NOASSERTION") || !strcmp(party, "NONE"))
		return NULL;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(party, prefixes[i], strlen(prefixes[i]))) {
			party += strlen(prefixes[i]);
			break;
		}
	snprintf(name, size, "%s", party);
	bracket = strrchr(name, '(');
	if (bracket && bracket > name && name[strlen(name) - 1] == ')' &&
	    (strchr(bracket, '@') || bracket[1] == ')'))
		*bracket = '\0';
	for (size_t length = strlen(name); length && name[length - 1] == ' ';)
		name[--length] = '\0';
	return name[0] ? name : NULL;
}

/* Which of the two parties is chosen, as the document has it; NULL: none. */
static const char *chosen_party(const struct spdx *spdx, const json_t *package)
{
	static const char *const keys[] = { "supplier", "originator" };
	char name[EMBARGO_IMPORT_TEXT];

	for (size_t i = 0; i < 2; i++) {
		const char *party = embargo_json_text(package, keys[i]);

		if (embargo_import_chooses(spdx->import->choice,
					   name_party(party, name, sizeof(name))))
			return party;
	}
	return NULL;
}

static uint64_t count_sha256(const json_t *element)
{
	const json_t *sums = json_object_get(element, "checksums"), *sum;
	uint64_t count = 0;
	size_t i;

	json_array_foreach (sums, i, sum)
		count += !strcmp(embargo_document_text(sum, "algorithm", ""), "SHA256");
	return count;
}

/* What could be chosen: each party of a package, and how many there are of it. */
static int tell_parties(struct spdx *spdx, const json_t *package)
{
	const struct embargo_import_taker *taker = spdx->import->taker;
	char supplier[EMBARGO_IMPORT_TEXT], originator[EMBARGO_IMPORT_TEXT];
	const char *first =
		name_party(embargo_json_text(package, "supplier"), supplier, sizeof(supplier));
	const char *second = name_party(embargo_json_text(package, "originator"), originator,
					sizeof(originator));
	int error = first ? taker->supplier(taker->context, first, 1) : 0;

	if (!error && second && (!first || strcmp(first, second)))
		error = taker->supplier(taker->context, second, 1);
	return error;
}

/* The SHA-256 digests of a package or a file. */
static int take_sums(struct spdx *spdx, const json_t *element, struct embargo_import_entry *entry)
{
	const struct embargo_import_taker *taker = spdx->import->taker;
	const json_t *sums = json_object_get(element, "checksums"), *sum;
	size_t i;
	int error = 0;

	json_array_foreach (sums, i, sum) {
		if (strcmp(embargo_document_text(sum, "algorithm", ""), "SHA256"))
			continue;
		error = embargo_import_digest(spdx->import,
					      embargo_document_text(sum, "checksumValue", ""),
					      entry->name, &entry->digest);
		if (!error)
			error = taker->entry(taker->context, entry);
		if (error)
			return error;
	}
	spdx->without += !count_sha256(element);
	return 0;
}

static int take_purls(const struct spdx *spdx, const json_t *package, const char *supplier,
		      const char *provenance)
{
	const json_t *references = json_object_get(package, "externalRefs"), *reference;
	size_t i;
	int error = 0;

	json_array_foreach (references, i, reference) {
		if (!error &&
		    !strcmp(embargo_document_text(reference, "referenceType", ""), "purl"))
			error = embargo_document_package(
				spdx->import, embargo_json_text(reference, "referenceLocator"),
				supplier, provenance);
	}
	return error;
}

/* SPDX 2.2 has the files of a package in the package. */
static int note_files(struct spdx *spdx, const json_t *package, const char *id)
{
	const json_t *files = json_object_get(package, "hasFiles"), *file;
	size_t i;

	json_array_foreach (files, i, file) {
		const char *name = json_string_value(file);

		if (name && json_object_set_new(spdx->files, name, json_string(id)))
			return -ENOMEM;
	}
	return 0;
}

static int take_package(struct spdx *spdx, const json_t *package)
{
	const char *party = chosen_party(spdx, package);
	const char *id = embargo_document_text(package, "SPDXID", "without SPDXID");
	const char *name = embargo_document_text(package, "name", "without name");
	char provenance[EMBARGO_IMPORT_TEXT], supplier[EMBARGO_IMPORT_TEXT];
	struct embargo_import_entry entry = {
		.name = embargo_document_text(package, "packageFileName", name),
		.kind = EMBARGO_KIND_PACKAGE,
		.provenance = provenance,
		.supplier = supplier,
	};
	int error;

	if (!party || !name_party(party, supplier, sizeof(supplier)))
		return 0;
	snprintf(provenance, sizeof(provenance),
		 "SPDX package %.1000s %.200s (%.200s), supplier %.1000s", name,
		 embargo_document_text(package, "versionInfo", "of no version"), id, party);
	if (json_object_set_new(spdx->packages, id, json_pack("[s, s]", provenance, supplier)))
		return -ENOMEM;
	error = take_purls(spdx, package, supplier, provenance);
	if (!error)
		error = note_files(spdx, package, id);
	return error ? error : take_sums(spdx, package, &entry);
}

/* Which files are in a chosen package. */
static int take_relationship(struct spdx *spdx, const json_t *relationship)
{
	const char *type = embargo_document_text(relationship, "relationshipType", "");
	const char *from = embargo_document_text(relationship, "spdxElementId", "");
	const char *to = embargo_document_text(relationship, "relatedSpdxElement", "");
	const bool is_turned = !strcmp(type, "CONTAINED_BY");
	const char *package = is_turned ? to : from, *file = is_turned ? from : to;

	if ((!is_turned && strcmp(type, "CONTAINS")) || !json_object_get(spdx->packages, package))
		return 0;
	return json_object_set_new(spdx->files, file, json_string(package)) ? -ENOMEM : 0;
}

static int take_file(struct spdx *spdx, const json_t *file)
{
	const char *id = embargo_document_text(file, "SPDXID", "");
	const json_t *package =
		json_object_get(spdx->packages, embargo_document_text(spdx->files, id, ""));
	char provenance[EMBARGO_IMPORT_TEXT];
	struct embargo_import_entry entry = {
		.name = embargo_document_text(file, "fileName", "without name"),
		.provenance = provenance,
		.supplier = json_string_value(json_array_get(package, 1)),
	};

	if (!package)
		return 0;
	snprintf(provenance, sizeof(provenance), "file in %.4000s",
		 json_string_value(json_array_get(package, 0)));
	return take_sums(spdx, file, &entry);
}

/* Calls @take for each object of the array under @key. */
static int take_each(struct spdx *spdx, const json_t *document, const char *key,
		     int (*take)(struct spdx *spdx, const json_t *element))
{
	const json_t *array = json_object_get(document, key), *element;
	size_t i;
	int error = 0;

	if (array && !json_is_array(array))
		return embargo_import_refuse(spdx->import, -EINVAL, "is it SPDX 2.3?",
					     "'%s' is no array", key);
	json_array_foreach (array, i, element) {
		if (!json_is_object(element))
			return embargo_import_refuse(spdx->import, -EINVAL, "is it SPDX 2.3?",
						     "something in '%s' is no object", key);
		error = take(spdx, element);
		if (error)
			return error;
	}
	return 0;
}

static int take_all(struct spdx *spdx, const json_t *document)
{
	int error = take_each(spdx, document, "packages", take_package);

	if (!error)
		error = take_each(spdx, document, "relationships", take_relationship);
	if (!error)
		error = take_each(spdx, document, "files", take_file);
	if (!error && spdx->without)
		error = embargo_import_note(
			spdx->import,
			"%llu packages and files of the chosen have no SHA-256, "
			"and so no entry",
			(unsigned long long)spdx->without);
	return error;
}

static bool is_spdx(const json_t *document)
{
	return embargo_json_text(document, "spdxVersion");
}

static int read_spdx(struct embargo_import *import, const json_t *document)
{
	const char *version = embargo_document_text(document, "spdxVersion", "");
	_cleanup_json_ json_t *packages = json_object();
	_cleanup_json_ json_t *files = json_object();
	struct spdx spdx = { .import = import, .packages = packages, .files = files };

	if (strcmp(version, "SPDX-2.2") && strcmp(version, "SPDX-2.3"))
		return embargo_import_refuse(import, -EINVAL, "have it written as SPDX 2.3 JSON",
					     "is of the version '%.64s', and SPDX-2.2 and SPDX-2.3 "
					     "are read",
					     version);
	if (!packages || !files)
		return -ENOMEM;
	if (!import->choice->vendor_count)
		return take_each(&spdx, document, "packages", tell_parties);
	return take_all(&spdx, document);
}

const struct embargo_document_form embargo_form_spdx = {
	.name = "SPDX",
	.is = is_spdx,
	.read = read_spdx,
	.has_vendors = true,
};
