/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources that are one JSON document: which of the forms it is, and what their readers share. */
#ifndef EMBARGO_IMPORT_DOCUMENT_H
#define EMBARGO_IMPORT_DOCUMENT_H

#include "loader/import/import.h"
#include "loader/json/read.h"

/*
 * A document is held in memory whole: as bills of materials are written it takes seven times
 * its text there. That of a large distribution image is some 30 MiB.
 */
#define EMBARGO_DOCUMENT_BYTES (UINT64_C(64) << 20)
#define EMBARGO_DOCUMENT_SMALLER \
	"have it written in parts, or without what is no package or file (licences, texts)"

/* Components within components: none that a tool writes has more than five. */
#define EMBARGO_DOCUMENT_DEPTH 64

struct embargo_document_form {
	const char *name;
	bool (*is)(const json_t *document);
	int (*read)(struct embargo_import *import, const json_t *document);
	bool has_vendors;
};

extern const struct embargo_document_form embargo_form_spdx;
extern const struct embargo_document_form embargo_form_cyclonedx;
extern const struct embargo_document_form embargo_form_stix;
extern const struct embargo_document_form embargo_form_misp;

bool embargo_import_is_document(const struct embargo_import_head *head);

/* Told by its keys; and by name. */
int embargo_import_document(struct embargo_import *import);
int embargo_import_spdx(struct embargo_import *import);
int embargo_import_cyclonedx(struct embargo_import *import);
int embargo_import_stix(struct embargo_import *import);
int embargo_import_misp(struct embargo_import *import);

/* Reads the form (NULL: that which it is) out of a document in memory. For tests and fuzzing. */
int embargo_document_read(struct embargo_import *import, const struct embargo_document_form *form,
			  const json_t *document);

/* The text of a member, or @otherwise. */
const char *embargo_document_text(const json_t *object, const char *key, const char *otherwise);

/* Hands on the package that the package URL @purl names, where it is one that is installed as such:
 * a deb or an rpm. */
int embargo_document_package(const struct embargo_import *import, const char *purl,
			     const char *supplier, const char *provenance);

#endif
