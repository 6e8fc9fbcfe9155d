// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts of what is left out, as sentences: nobody is to think that it is covered. */
#include "loader/import/left.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "loader/base/cleanup.h"
#include "loader/base/diagnostic.h"

static const struct {
	size_t count; /* where it stands */
	const char *text;
} sentences[] = {
	{ offsetof(struct embargo_left, interpreted),
	  "files left out that an interpreter reads (Python, Java and the like): a digest stops "
	  "what is executed, mapped or loaded, and not these" },
	{ offsetof(struct embargo_left, damaged),
	  "compressed modules cannot be read, so that only the compressed files are taken" },
	{ offsetof(struct embargo_left, other),
	  "other files left out, which are no code; --all takes them" },
	{ offsetof(struct embargo_left, mounted),
	  "folders and files below it left out, on which something is mounted: import them by "
	  "their own names" },
};

int embargo_left_note(const struct embargo_left *left, const struct embargo_import_taker *taker)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sentences) && !error; i++) {
		const uint64_t *count = (const void *)((const char *)left + sentences[i].count);
		char text[EMBARGO_DIAGNOSTIC_TEXT];

		snprintf(text, sizeof(text), "%" PRIu64 " %s", *count, sentences[i].text);
		if (*count)
			error = taker->note(taker->context, text);
	}
	return error;
}
