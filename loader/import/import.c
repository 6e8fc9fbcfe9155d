// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats, and what all readers have in common. */
#include "loader/import/import.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/import/document.h"
#include "loader/model/digest.h"
#include "loader/policy/list.h"
#include "loader/text/name.h"

/* As of other names in a policy: see struct embargo_attribute. */
#define FOLDED_SIZE 1024

const struct embargo_import_format embargo_import_formats[] = {
	{
		.name = "sha256sum",
		.recognise = embargo_import_is_sums,
		.read = embargo_import_sums,
		.limit = EMBARGO_LIST_BYTES,
		.smaller = "divide it",
	},
	{
		.name = "hsb",
		.recognise = embargo_import_is_hsb,
		.read = embargo_import_sums,
		.limit = EMBARGO_LIST_BYTES,
		.smaller = "divide it",
	},
	{
		.name = "deb",
		.recognise = embargo_import_is_deb,
		.read = embargo_import_package,
		.opens_files = true,
	},
	{
		.name = "rpm",
		.recognise = embargo_import_is_rpm,
		.read = embargo_import_package,
		.opens_files = true,
	},
	{
		.name = "folder",
		.recognise = embargo_import_is_folder,
		.read = embargo_import_folder,
		.opens_files = true,
	},
	{
		.name = "nsrl",
		.recognise = embargo_import_is_nsrl,
		.read = embargo_import_nsrl,
		.has_vendors = true,
	},
	{
		.name = "spdx",
		.read = embargo_import_spdx,
		.limit = EMBARGO_DOCUMENT_BYTES,
		.smaller = EMBARGO_DOCUMENT_SMALLER,
		.has_vendors = true,
	},
	{
		.name = "cyclonedx",
		.read = embargo_import_cyclonedx,
		.limit = EMBARGO_DOCUMENT_BYTES,
		.smaller = EMBARGO_DOCUMENT_SMALLER,
		.has_vendors = true,
	},
	{
		.name = "stix",
		.read = embargo_import_stix,
		.limit = EMBARGO_DOCUMENT_BYTES,
		.smaller = EMBARGO_DOCUMENT_SMALLER,
	},
	{
		.name = "misp",
		.read = embargo_import_misp,
		.limit = EMBARGO_DOCUMENT_BYTES,
		.smaller = EMBARGO_DOCUMENT_SMALLER,
	},
	{
		.name = "json", /* one of these four: their keys tell, wherever they stand */
		.recognise = embargo_import_is_document,
		.read = embargo_import_document,
		.limit = EMBARGO_DOCUMENT_BYTES,
		.smaller = EMBARGO_DOCUMENT_SMALLER,
		.has_vendors = true,
	},
	{ 0 },
};

const struct embargo_import_format *embargo_import_format_named(const char *name)
{
	for (const struct embargo_import_format *format = embargo_import_formats; format->name;
	     format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}

const struct embargo_import_format *embargo_import_format_of(const struct embargo_import_head *head)
{
	for (const struct embargo_import_format *format = embargo_import_formats; format->name;
	     format++)
		if (format->recognise && format->recognise(head))
			return format;
	return NULL;
}

bool embargo_import_chooses(const struct embargo_import_choice *choice, const char *name)
{
	char folded[FOLDED_SIZE];

	if (!name || embargo_name_fold(name, strlen(name), folded, sizeof(folded)) < 0)
		return false;
	for (size_t i = 0; i < choice->vendor_count; i++) {
		const char *vendor = choice->vendors[i];
		size_t length = strlen(vendor);

		if (length && vendor[length - 1] == '*' ? !strncmp(vendor, folded, length - 1)
							: !strcmp(vendor, folded))
			return true;
	}
	return false;
}

const char *embargo_import_unread(const struct embargo_import_head *head)
{
	static const struct {
		const char *prefix, *what;
	} unread[] = {
		{ "SPDXVersion:", "is SPDX in its tag-value form; have it written as JSON" },
		{ "<", "is XML; have it written as JSON (cyclonedx convert, or SPDX's tools)" },
		{ "PK", "is a ZIP file; unpack it" },
		{ "\x1f\x8b", "is compressed by gzip; unpack it" },
		{ "(\xb5/\xfd", "is compressed by zstd; unpack it" },
		{ "\xfd"
		  "7zXZ",
		  "is compressed by xz; unpack it" },
	};

	for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
		size_t length = strlen(unread[i].prefix);

		if (head->size >= length && !memcmp(head->bytes, unread[i].prefix, length))
			return unread[i].what;
	}
	return NULL;
}

int embargo_import_refuse(const struct embargo_import *import, int error, const char *remedy,
			  const char *format, ...)
{
	struct embargo_diagnostic *diagnostic = import->diagnostic;
	va_list arguments;

	embargo_diagnostic_at(diagnostic, import->path, 0, 0);
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	va_start(arguments, format);
	vsnprintf(diagnostic->what, sizeof(diagnostic->what), format, arguments);
	va_end(arguments);
	return error;
}

int embargo_import_digest(const struct embargo_import *import, const char *hex, const char *of,
			  struct embargo_digest *digest)
{
	static const char remedy[] = "who wrote it has to put it right: its other digests are not "
				     "to be relied on either";
	size_t length = strlen(hex);

	if (length != EMBARGO_DIGEST_HEX)
		return embargo_import_refuse(import, -EINVAL, remedy,
					     "the SHA-256 of %.200s has %zu characters, and not %d",
					     of, length, EMBARGO_DIGEST_HEX);
	if (embargo_digest_parse(hex, length, digest))
		return embargo_import_refuse(import, -EINVAL, remedy,
					     "the SHA-256 of %.200s is not hexadecimal", of);
	return 0;
}

int embargo_import_note(const struct embargo_import *import, const char *format, ...)
{
	char text[EMBARGO_DIAGNOSTIC_TEXT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return import->taker->note(import->taker->context, text);
}
