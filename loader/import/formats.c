// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats. */
#include <string.h>

#include "loader/import/document.h"
#include "loader/import/import.h"
#include "loader/policy/list.h"

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
