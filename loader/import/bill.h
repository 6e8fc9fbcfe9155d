/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CycloneDX document of banned files, as it is written: one component for each digest. */
#ifndef EMBARGO_IMPORT_BILL_H
#define EMBARGO_IMPORT_BILL_H

#include <stdio.h>

#include "loader/import/entry.h"

/* CycloneDX has no size of a file: a property of this name is one, also when it is imported. */
#define EMBARGO_BILL_SIZE "embargo:size"

struct embargo_bill {
	FILE *out;
	size_t count;
};

/* Where in the policies a digest stands. */
struct embargo_bill_place {
	const char *policy, *rule, *vendor;
	const char *list; /* its file, or NULL: it stands in the rule itself */
};

/* Begins the document, made at @now (ns since 1970). Errors: -ENOMEM, -EIO. */
int embargo_bill_begin(struct embargo_bill *bill, int64_t now);

int embargo_bill_add(struct embargo_bill *bill, const struct embargo_import_entry *entry,
		     const struct embargo_bill_place *place);

int embargo_bill_end(struct embargo_bill *bill);

#endif
