// SPDX-License-Identifier: GPL-2.0-or-later
/* Digest lists, written. */
#include "loader/import/listing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/policy/list.h"

/* What a comment may hold, so that whoever reads it back finds no longer line than any other. */
#define COMMENT_SIZE 4096

static void comment(FILE *out, const char *text)
{
	char line[COMMENT_SIZE];

	fprintf(out, "# %s\n", embargo_utf8_printable(text, line, sizeof(line)));
}

void embargo_listing_head(struct embargo_listing *listing, const char *text)
{
	if (ftello(listing->out) > 0)
		fputc('\n', listing->out);
	comment(listing->out, text);
}

static int say_provenance(struct embargo_listing *listing, const char *provenance)
{
	char *kept;

	if (!provenance[0] || (listing->provenance && !strcmp(listing->provenance, provenance)))
		return 0;
	kept = strdup(provenance);
	if (!kept)
		return -ENOMEM;
	free(listing->provenance);
	listing->provenance = kept;
	comment(listing->out, provenance);
	return 0;
}

int embargo_listing_add(struct embargo_listing *listing, const struct embargo_import_entry *entry)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], name[EMBARGO_LIST_NAME];
	int error = say_provenance(listing, entry->provenance);

	if (error)
		return error;
	embargo_hex_format(entry->digest.bytes, EMBARGO_SHA256_SIZE, hex);
	embargo_list_name(entry->name, name, sizeof(name));
	/* ClamAV knows the * from level 73 on, and refuses it below. */
	if (entry->sized)
		fprintf(listing->out, "%s:%" PRIu64 ":%s\n", hex, entry->size, name);
	else
		fprintf(listing->out, "%s:*:%s:73\n", hex, name);
	return 0;
}

void embargo_listing_free(struct embargo_listing *listing)
{
	free(listing->provenance);
	*listing = (struct embargo_listing) { .out = NULL };
}
