// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats, and what all readers have in common. */
#include "loader/import/import.h"

#include <string.h>

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
