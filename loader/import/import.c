// SPDX-License-Identifier: GPL-2.0-or-later
/* What the readers of all formats have in common. */
#include "loader/import/import.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/model/digest.h"
#include "loader/text/name.h"

/* As of other names in a policy: see struct embargo_attribute. */
#define FOLDED_SIZE 1024

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
