// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing MISP's JSON: events with their attributes and objects, or the answer of a search. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/import/document.h"

/*
 *   { "Event": { uuid info Attribute [ ... ] Object [ { uuid name Attribute [ ... ] } ] } }
 *   { "response": [ { "Event": ... } ] }      { "response": { "Attribute": [ ... ] } }
 *   [ { "Event": ... } ]                      { "Attribute": [ ... ] }
 *
 *   attribute: uuid type value to_ids deleted     a type "filename|X" has the value "NAME|X"
 *
 * (misp-standard.org, core format)
 */
struct misp {
	struct embargo_import *import;
	uint64_t others, harmless; /* left out */
};

/* What surrounds an attribute. */
struct place {
	const char *event, *info; /* uuid and title of the event */
	const char *name;	  /* of the file that an object is about, or NULL */
	bool sized;
	uint64_t size;
};

/* Older exports write 1 and "1" for true. */
static bool is_true(const json_t *value)
{
	return json_is_true(value) || json_integer_value(value) == 1 ||
	       (json_is_string(value) && !strcmp(json_string_value(value), "1"));
}

/* A digest of a file by another function than SHA-256. */
static bool is_other_digest(const char *type)
{
	static const char *const types[] = {
		"md5",	   "sha1",	 "sha224",	 "sha384",	   "sha512",   "sha512/224",
		"imphash", "sha512/256", "sha3-224",	 "sha3-256",	   "sha3-384", "sha3-512",
		"ssdeep",  "tlsh",	 "authentihash", "malware-sample", "vhash",    "cdhash",
	};
	const char *kind = strncmp(type, "filename|", 9) ? type : type + 9;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(kind, types[i]))
			return true;
	return false;
}

static int take_digest(struct misp *misp, const json_t *attribute, const struct place *place,
		       const char *name, const char *hex)
{
	const struct embargo_import_taker *taker = misp->import->taker;
	const char *uuid = embargo_document_text(attribute, "uuid", "without uuid");
	char provenance[EMBARGO_IMPORT_TEXT], of[128];
	struct embargo_import_entry entry = {
		.name = name[0] ? name : uuid,
		.sized = place->sized,
		.size = place->size,
		.provenance = provenance,
	};
	int error;

	snprintf(of, sizeof(of), "attribute %.100s", uuid);
	error = embargo_import_digest(misp->import, hex, of, &entry.digest);
	if (error)
		return error;
	snprintf(provenance, sizeof(provenance), "MISP event %.64s, attribute %.64s: %.2000s",
		 place->event, uuid, place->info);
	return taker->entry(taker->context, &entry);
}

static int take_value(struct misp *misp, const json_t *attribute, const struct place *place,
		      bool has_name)
{
	const char *value = embargo_document_text(attribute, "value", "");
	const char *bar = has_name ? strrchr(value, '|') : NULL;
	char name[EMBARGO_IMPORT_TEXT];

	if (!bar)
		return take_digest(misp, attribute, place, place->name ? place->name : "", value);
	snprintf(name, sizeof(name), "%.*s", (int)(bar - value > 4000 ? 4000 : bar - value), value);
	return take_digest(misp, attribute, place, name, bar + 1);
}

static int take_attribute(struct misp *misp, const json_t *attribute, const struct place *place)
{
	const char *type = embargo_document_text(attribute, "type", "");
	const bool has_name = !strcmp(type, "filename|sha256");
	const json_t *event = json_object_get(attribute, "Event"); /* of a search */
	struct place found = *place;

	if (!json_is_object(attribute))
		return embargo_import_refuse(misp->import, -EINVAL, "is it MISP's JSON?",
					     "an attribute is no object");
	if (is_true(json_object_get(attribute, "deleted")))
		return 0;
	if (is_other_digest(type))
		misp->others++;
	if (!has_name && strcmp(type, "sha256"))
		return 0;
	if (!is_true(json_object_get(attribute, "to_ids")) && !misp->import->choice->takes_all) {
		misp->harmless++;
		return 0;
	}
	if (event) {
		found.event = embargo_document_text(event, "uuid", place->event);
		found.info = embargo_document_text(event, "info", place->info);
	}
	return take_value(misp, attribute, &found, has_name);
}

static int take_attributes(struct misp *misp, const json_t *attributes, const struct place *place)
{
	const json_t *attribute;
	size_t i;
	int error = 0;

	if (attributes && !json_is_array(attributes))
		return embargo_import_refuse(misp->import, -EINVAL, "is it MISP's JSON?",
					     "'Attribute' is no array");
	json_array_foreach (attributes, i, attribute) {
		error = take_attribute(misp, attribute, place);
		if (error)
			return error;
	}
	return 0;
}

/* What the object tells of its file besides digests. */
static void look_around(const json_t *object, struct place *place)
{
	const json_t *attributes = json_object_get(object, "Attribute"), *attribute;
	size_t i;

	json_array_foreach (attributes, i, attribute) {
		const char *type = embargo_document_text(attribute, "type", "");
		const char *value = embargo_document_text(attribute, "value", "");
		char *end;

		if (!strcmp(type, "filename"))
			place->name = value;
		if (!strcmp(type, "size-in-bytes") && value[0] >= '1' && value[0] <= '9' &&
		    strlen(value) <= 18) {
			place->size = strtoull(value, &end, 10);
			place->sized = !*end;
		}
	}
}

static int take_object(struct misp *misp, const json_t *object, const struct place *place)
{
	struct place inside = *place;

	if (is_true(json_object_get(object, "deleted")))
		return 0;
	/* Other objects have sizes of other things in them. */
	if (!strcmp(embargo_document_text(object, "name", ""), "file"))
		look_around(object, &inside);
	return take_attributes(misp, json_object_get(object, "Attribute"), &inside);
}

/* An event, or the answer of a search for attributes: both have attributes and objects. */
static int take_event(struct misp *misp, const json_t *event)
{
	const json_t *objects = json_object_get(event, "Object"), *object;
	const struct place place = {
		.event = embargo_document_text(event, "uuid", "without uuid"),
		.info = embargo_document_text(event, "info", "without title"),
	};
	size_t i;
	int error = take_attributes(misp, json_object_get(event, "Attribute"), &place);

	if (objects && !json_is_array(objects))
		return embargo_import_refuse(misp->import, -EINVAL, "is it MISP's JSON?",
					     "'Object' is no array");
	json_array_foreach (objects, i, object) {
		if (!error)
			error = take_object(misp, object, &place);
	}
	return error;
}

/* The response of a server, or what is in it. */
static const json_t *unwrap(const json_t *document)
{
	const json_t *response = json_object_get(document, "response");

	return response ? response : document;
}

static bool is_event(const json_t *value)
{
	return json_is_object(json_object_get(value, "Event")) ||
	       json_is_array(json_object_get(value, "Attribute"));
}

static bool is_misp(const json_t *document)
{
	const json_t *inside = unwrap(document);

	return is_event(inside) || (json_is_array(inside) && is_event(json_array_get(inside, 0)));
}

static int take_wrapped(struct misp *misp, const json_t *value)
{
	const json_t *event = json_object_get(value, "Event");

	if (!is_event(value))
		return embargo_import_refuse(misp->import, -EINVAL, "is it MISP's JSON?",
					     "something beside its events is none");
	return take_event(misp, json_is_object(event) ? event : value);
}

static int tell_left_out(const struct misp *misp)
{
	int error = 0;

	if (misp->others)
		error = embargo_import_note(misp->import,
					    "left out are %" PRIu64
					    " digests that are no SHA-256 of "
					    "a file: embargo compares SHA-256",
					    misp->others);
	if (!error && misp->harmless)
		error = embargo_import_note(misp->import,
					    "left out are %" PRIu64
					    " SHA-256 without to_ids, which "
					    "are no indicators; --all takes them",
					    misp->harmless);
	return error;
}

static int read_misp(struct embargo_import *import, const json_t *document)
{
	const json_t *inside = unwrap(document), *value;
	struct misp misp = { .import = import };
	size_t i;
	int error = 0;

	if (!json_is_array(inside))
		error = take_wrapped(&misp, inside);
	json_array_foreach (inside, i, value) {
		error = take_wrapped(&misp, value);
		if (error)
			return error;
	}
	return error ? error : tell_left_out(&misp);
}

const struct embargo_document_form embargo_form_misp = {
	.name = "MISP",
	.is = is_misp,
	.read = read_misp,
};
