// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing STIX 2 bundles: the files that indicators name by their content, and for how long. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/import/document.h"
#include "loader/import/stix_pattern.h"
#include "loader/model/time.h"

/*
 *   { "type": "bundle", "objects": [ ... ] }         also { "objects": [ ... ] }, as TAXII sends it
 *
 *   indicator: id name pattern pattern_type (stix) valid_from valid_until revoked
 *
 * (docs.oasis-open.org/cti/stix/v2.1, 4.7 and 8.1)
 */
struct stix {
	struct embargo_import *import;
	uint64_t narrowed, others, revoked, foreign; /* left out */
};

static int refuse(const struct stix *stix, const char *id, const char *remedy, const char *what)
{
	return embargo_import_refuse(stix->import, -EINVAL, remedy, "%.100s: %s", id, what);
}

/* 0 where the indicator has no such key. */
static int take_time(const struct stix *stix, const json_t *indicator, const char *key,
		     const char *id, int64_t *ns)
{
	const char *text = embargo_json_text(indicator, key);
	char what[64];

	*ns = 0;
	if (!text || !embargo_time_parse(text, ns))
		return 0;
	snprintf(what, sizeof(what), "its %s is no time", key);
	return refuse(stix, id, "write it like 2024-09-29T04:00:00Z", what);
}

static int take_files(const struct stix *stix, const struct embargo_stix_files *files,
		      struct embargo_import_entry *entry)
{
	const struct embargo_import_taker *taker = stix->import->taker;
	int error = 0;

	for (size_t i = 0; i < files->count && !error; i++) {
		entry->digest = files->digests[i].digest;
		entry->sized = files->digests[i].sized;
		entry->size = files->digests[i].size;
		error = taker->entry(taker->context, entry);
	}
	return error;
}

/* The digests of one pattern, under what is known of its indicator. */
static int take_pattern(struct stix *stix, const json_t *indicator, const char *id,
			struct embargo_import_entry *entry)
{
	_cleanup_(embargo_stix_files_free) struct embargo_stix_files files = { .digests = NULL };
	const char *pattern = embargo_document_text(indicator, "pattern", "");
	struct embargo_stix_fault fault = { .what = "it cannot be read" };
	char what[192];
	int error = embargo_stix_pattern_read(pattern, &files, &fault);

	if (error == -ENOMEM)
		return error;
	if (error) {
		snprintf(what, sizeof(what), "its pattern, at its character %zu: %s", fault.at + 1,
			 fault.what);
		return refuse(stix, id, "who wrote it has to put it right", what);
	}
	stix->narrowed += files.narrowed;
	stix->others += files.others;
	return take_files(stix, &files, entry);
}

static int take_indicator(struct stix *stix, const json_t *indicator)
{
	const char *id = embargo_document_text(indicator, "id", "indicator without id");
	char provenance[EMBARGO_IMPORT_TEXT];
	struct embargo_import_entry entry = {
		.name = embargo_document_text(indicator, "name", id),
		.provenance = provenance,
	};
	int error = take_time(stix, indicator, "valid_from", id, &entry.from);

	if (!error)
		error = take_time(stix, indicator, "valid_until", id, &entry.until);
	if (error)
		return error;
	if (entry.from && entry.until && entry.until <= entry.from)
		return refuse(stix, id, "who wrote it has to put it right",
			      "its valid_until is not after its valid_from");
	snprintf(provenance, sizeof(provenance),
		 "STIX %.200s, valid from %.64s until %.64s: %.1000s", id,
		 embargo_document_text(indicator, "valid_from", "no date"),
		 embargo_document_text(indicator, "valid_until", "no date"), entry.name);
	return take_pattern(stix, indicator, id, &entry);
}

static int take_object(struct stix *stix, const json_t *object)
{
	if (!json_is_object(object))
		return embargo_import_refuse(stix->import, -EINVAL, "is it a STIX 2.1 bundle?",
					     "something in 'objects' is no object");
	if (strcmp(embargo_document_text(object, "type", ""), "indicator"))
		return 0;
	if (json_is_true(json_object_get(object, "revoked"))) {
		stix->revoked++;
		return 0;
	}
	/* 2.0 has no pattern_type, and knows no other. */
	if (strcmp(embargo_document_text(object, "pattern_type", "stix"), "stix")) {
		stix->foreign++;
		return 0;
	}
	return take_indicator(stix, object);
}

static int tell_left_out(const struct stix *stix)
{
	const struct {
		uint64_t count;
		const char *what;
	} left_out[] = {
		{ stix->narrowed, "SHA-256 digests, which count only together with something else "
				  "or not at all: by itself each would deny more than is meant" },
		{ stix->others, "digests that are no SHA-256: embargo compares SHA-256" },
		{ stix->revoked, "indicators that were revoked" },
		{ stix->foreign, "indicators in another language than STIX patterns" },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(left_out) && !error; i++)
		if (left_out[i].count)
			error = embargo_import_note(stix->import, "left out are %" PRIu64 " %s",
						    left_out[i].count, left_out[i].what);
	return error;
}

static bool is_stix(const json_t *document)
{
	return !strcmp(embargo_document_text(document, "type", ""), "bundle") ||
	       json_is_array(json_object_get(document, "objects"));
}

static int read_stix(struct embargo_import *import, const json_t *document)
{
	const json_t *objects = json_object_get(document, "objects"), *object;
	struct stix stix = { .import = import };
	size_t i;
	int error;

	if (objects && !json_is_array(objects))
		return embargo_import_refuse(import, -EINVAL, "is it a STIX 2.1 bundle?",
					     "'objects' is no array");
	json_array_foreach (objects, i, object) {
		error = take_object(&stix, object);
		if (error)
			return error;
	}
	return tell_left_out(&stix);
}

const struct embargo_document_form embargo_form_stix = {
	.name = "STIX",
	.is = is_stix,
	.read = read_stix,
};
