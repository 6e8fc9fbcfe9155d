// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON documents: telling the forms apart, and what their readers share. */
#include "loader/import/document.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"

static const struct embargo_document_form *const forms[] = {
	&embargo_form_spdx,
	&embargo_form_cyclonedx,
	&embargo_form_stix,
	&embargo_form_misp,
};

/* No other source here begins with a bracket. */
bool embargo_import_is_document(const struct embargo_import_head *head)
{
	size_t at = 0;

	while (at < head->size && strchr(" \t\r\n", head->bytes[at]) && head->bytes[at])
		at++;
	return at < head->size && (head->bytes[at] == '{' || head->bytes[at] == '[');
}

static const struct embargo_document_form *tell(const json_t *document)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (forms[i]->is(document))
			return forms[i];
	return NULL;
}

int embargo_document_read(struct embargo_import *import, const struct embargo_document_form *form,
			  const json_t *document)
{
	if (!form)
		form = tell(document);
	if (!form)
		return embargo_import_refuse(
			import, -EINVAL,
			"is it SPDX 2.3, CycloneDX, a STIX 2.1 bundle or a MISP "
			"event? SPDX 3 has to be written as 2.3",
			"is JSON of no form that is known here");
	if (!form->is(document))
		return embargo_import_refuse(import, -EINVAL,
					     "leave --format out, to have it told by its keys",
					     "is no %s", form->name);
	if (import->choice->vendor_count && !form->has_vendors)
		return embargo_import_refuse(import, -EINVAL, "leave --vendor out",
					     "is %s, which says nothing of vendors", form->name);
	return form->read(import, document);
}

static int read_file(struct embargo_import *import, const struct embargo_document_form *form)
{
	_cleanup_json_ json_t *document = NULL;
	int error;

	embargo_diagnostic_at(import->diagnostic, import->path, 0, 0);
	error = embargo_json_read_file(import->fd, &document, import->diagnostic);
	return error ? error : embargo_document_read(import, form, document);
}

int embargo_import_document(struct embargo_import *import)
{
	return read_file(import, NULL);
}

int embargo_import_spdx(struct embargo_import *import)
{
	return read_file(import, &embargo_form_spdx);
}

int embargo_import_cyclonedx(struct embargo_import *import)
{
	return read_file(import, &embargo_form_cyclonedx);
}

int embargo_import_stix(struct embargo_import *import)
{
	return read_file(import, &embargo_form_stix);
}

int embargo_import_misp(struct embargo_import *import)
{
	return read_file(import, &embargo_form_misp);
}

const char *embargo_document_text(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = embargo_json_text(object, key);

	return text ? text : otherwise;
}

/* Undoes %XX in @length bytes of @text; what is no such escape stays. */
static void decode(const char *text, size_t length, char *decoded)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte;

		if (text[i] == '%' && i + 2 < length &&
		    !embargo_hex_parse(text + i + 1, &byte, 1) && byte) {
			decoded[used++] = (char)byte;
			i += 2;
		} else {
			decoded[used++] = text[i];
		}
	}
	decoded[used] = '\0';
}

/*
 *   pkg:deb/debian/NAME@VERSION?arch=amd64        (github.com/package-url/purl-spec)
 *   pkg:rpm/NAME@VERSION                          the namespace may be absent
 */
int embargo_document_package(const struct embargo_import *import, const char *purl,
			     const char *supplier, const char *provenance)
{
	struct embargo_import_package package = { .supplier = supplier, .provenance = provenance };
	char name[256];
	size_t length;

	if (!purl || (strncmp(purl, "pkg:deb/", 8) && strncmp(purl, "pkg:rpm/", 8)))
		return 0;
	package.type = purl[4] == 'd' ? "deb" : "rpm";
	purl += 8;
	purl += strspn(purl, "/");
	length = strcspn(purl, "@?#");
	for (const char *slash = memrchr(purl, '/', length); slash; slash = NULL) {
		length -= (size_t)(slash + 1 - purl);
		purl = slash + 1;
	}
	if (!length || length >= sizeof(name))
		return 0;
	decode(purl, length, name);
	package.name = name;
	return import->taker->package(import->taker->context, &package);
}
