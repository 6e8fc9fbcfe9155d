// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing CycloneDX JSON: components by who supplied, made or published them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/import/bill.h"
#include "loader/import/document.h"

/*
 *   { "bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": { "component": { ... } },
 *     "components": [ ... ] }
 *
 *   component: type group name version purl publisher author
 *              supplier { name }  manufacturer { name }  authors [ { name } ]
 *              hashes [ { alg: SHA-256, content } ]       components [ ... ]
 *
 * (cyclonedx.org/docs/1.5/json; manufacturer and authors are of 1.6)
 */
struct cyclonedx {
	struct embargo_import *import;
	uint64_t without; /* a SHA-256, though chosen */
};

#define PARTIES 16 /* of a component */

/* Who is named as having supplied, made or published @component; each name once. */
static size_t list_parties(const json_t *component, const char *names[PARTIES])
{
	const json_t *authors = json_object_get(component, "authors"), *author;
	const char *found[PARTIES] = {
		embargo_json_text(json_object_get(component, "supplier"), "name"),
		embargo_json_text(json_object_get(component, "manufacturer"), "name"),
		embargo_json_text(component, "publisher"),
		embargo_json_text(component, "author"),
	};
	size_t used = 4, count = 0, i;

	json_array_foreach (authors, i, author)
		if (used < PARTIES)
			found[used++] = embargo_json_text(author, "name");
	for (i = 0; i < used; i++) {
		bool is_new = found[i] && found[i][0];

		for (size_t j = 0; j < count && is_new; j++)
			is_new = strcmp(found[i], names[j]) != 0;
		if (is_new)
			names[count++] = found[i];
	}
	return count;
}

/* The party that is chosen; NULL: none. */
static const char *chosen_party(const struct cyclonedx *cyclonedx, const json_t *component)
{
	const char *names[PARTIES];
	size_t count = list_parties(component, names);

	for (size_t i = 0; i < count; i++)
		if (embargo_import_chooses(cyclonedx->import->choice, names[i]))
			return names[i];
	return NULL;
}

static int tell_parties(struct cyclonedx *cyclonedx, const json_t *component)
{
	const struct embargo_import_taker *taker = cyclonedx->import->taker;
	const char *names[PARTIES];
	size_t count = list_parties(component, names);
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = taker->supplier(taker->context, names[i], 1);
	return error;
}

/* What embargo itself has written there. */
static void take_size(const json_t *component, struct embargo_import_entry *entry)
{
	const json_t *properties = json_object_get(component, "properties"), *property;
	size_t i;

	json_array_foreach (properties, i, property) {
		const char *value = embargo_document_text(property, "value", "");
		char *end;

		if (strcmp(embargo_document_text(property, "name", ""), EMBARGO_BILL_SIZE) ||
		    value[0] < '1' || value[0] > '9' || strlen(value) > 18)
			continue;
		entry->size = strtoull(value, &end, 10);
		entry->sized = !*end;
	}
}

static int take_hashes(struct cyclonedx *cyclonedx, const json_t *component,
		       struct embargo_import_entry *entry)
{
	const struct embargo_import_taker *taker = cyclonedx->import->taker;
	const json_t *hashes = json_object_get(component, "hashes"), *hash;
	size_t i, taken = 0;
	int error;

	json_array_foreach (hashes, i, hash) {
		if (strcmp(embargo_document_text(hash, "alg", ""), "SHA-256"))
			continue;
		error = embargo_import_digest(cyclonedx->import,
					      embargo_document_text(hash, "content", ""),
					      entry->name, &entry->digest);
		if (!error)
			error = taker->entry(taker->context, entry);
		if (error)
			return error;
		taken++;
	}
	cyclonedx->without += !taken;
	return 0;
}

/* A digest here may be copied from a lock file, and nobody had the file in hand. */
static int take_component(struct cyclonedx *cyclonedx, const json_t *component)
{
	const char *party = chosen_party(cyclonedx, component);
	const char *group = embargo_document_text(component, "group", "");
	const char *name = embargo_document_text(component, "name", "without name");
	char provenance[EMBARGO_IMPORT_TEXT], full[EMBARGO_IMPORT_TEXT];
	struct embargo_import_entry entry = {
		.name = full,
		.provenance = provenance,
		.supplier = party,
	};
	int error;

	if (!party)
		return 0;
	snprintf(full, sizeof(full), "%.1000s%s%.1000s", group, group[0] ? "/" : "", name);
	snprintf(provenance, sizeof(provenance),
		 "CycloneDX component %.2000s %.200s, supplier %.1000s: a claim of the document",
		 full, embargo_document_text(component, "version", "of no version"), party);
	error = embargo_document_package(cyclonedx->import, embargo_json_text(component, "purl"),
					 party, provenance);
	take_size(component, &entry);
	return error ? error : take_hashes(cyclonedx, component, &entry);
}

static int refuse_form(const struct cyclonedx *cyclonedx, const char *what)
{
	return embargo_import_refuse(cyclonedx->import, -EINVAL, "is it CycloneDX?", "%s", what);
}

/* @components, and those in them. */
static int take_components(struct cyclonedx *cyclonedx, const json_t *components,
			   unsigned int depth,
			   int (*take)(struct cyclonedx *cyclonedx, const json_t *component))
{
	const json_t *component;
	size_t i;
	int error = 0;

	if (components && !json_is_array(components))
		return refuse_form(cyclonedx, "'components' is no array");
	if (depth == EMBARGO_DOCUMENT_DEPTH)
		return refuse_form(cyclonedx, "components are nested more than 64 deep");
	json_array_foreach (components, i, component) {
		if (!json_is_object(component))
			return refuse_form(cyclonedx, "a component is no object");
		error = take(cyclonedx, component);
		if (!error)
			error = take_components(cyclonedx, json_object_get(component, "components"),
						depth + 1, take);
		if (error)
			return error;
	}
	return 0;
}

static bool is_cyclonedx(const json_t *document)
{
	return !strcmp(embargo_document_text(document, "bomFormat", ""), "CycloneDX");
}

static int read_cyclonedx(struct embargo_import *import, const json_t *document)
{
	const char *version = embargo_document_text(document, "specVersion", "");
	const json_t *whole = json_object_get(json_object_get(document, "metadata"), "component");
	struct cyclonedx cyclonedx = { .import = import };
	int (*take)(struct cyclonedx * cyclonedx, const json_t *component) =
		import->choice->vendor_count ? take_component : tell_parties;
	int error;

	/* JSON came with 1.2; a 2.0 may mean something else by each key. */
	if (strncmp(version, "1.", 2))
		return embargo_import_refuse(import, -EINVAL, "have it written as CycloneDX 1.5",
					     "is of the version '%.64s', and 1.2 to 1.6 are read",
					     version);
	error = json_is_object(whole) ? take(&cyclonedx, whole) : 0;
	if (!error)
		error = take_components(&cyclonedx, json_object_get(document, "components"), 0,
					take);
	if (!error && cyclonedx.without)
		error = embargo_import_note(import,
					    "%llu of the chosen components have no SHA-256, and so "
					    "no entry",
					    (unsigned long long)cyclonedx.without);
	return error;
}

const struct embargo_document_form embargo_form_cyclonedx = {
	.name = "CycloneDX",
	.is = is_cyclonedx,
	.read = read_cyclonedx,
	.has_vendors = true,
};
