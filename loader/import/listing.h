/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A digest list as it is written: .hsb lines, each below the comment that says where it is from. */
#ifndef EMBARGO_IMPORT_LISTING_H
#define EMBARGO_IMPORT_LISTING_H

#include <stdio.h>

#include "loader/import/entry.h"

struct embargo_listing {
	FILE *out;
	char *provenance; /* of the entries that are written now, or NULL */
};

/* A comment of one line, whatever @text holds, and an empty line before it. */
void embargo_listing_head(struct embargo_listing *listing, const char *text);

/* Adds @entry, below its provenance where that is another one than before. Errors: -ENOMEM. */
int embargo_listing_add(struct embargo_listing *listing, const struct embargo_import_entry *entry);

void embargo_listing_free(struct embargo_listing *listing);

#endif
