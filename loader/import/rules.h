/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy as it is written out of what was imported: rules by who and by when. */
#ifndef EMBARGO_IMPORT_RULES_H
#define EMBARGO_IMPORT_RULES_H

#include <stdio.h>

#include "loader/base/diagnostic.h"
#include "loader/import/entry.h"

/* Bytes of it: as much as a policy may have. More digests than that want a list. */
#define EMBARGO_RULES_BYTES (1 << 20)

struct embargo_rules {
	struct embargo_rules_group *first, *last; /* one for each supplier and pair of dates */
	size_t count;
	size_t bytes;	    /* of all that is written as yet */
	size_t short_names; /* packages left out: their names could be anybody's */
	char *heads;	    /* the comments above all, or NULL */
};

/* What stands above: a comment of one line. Errors of all three: -ENOMEM, -E2BIG. */
int embargo_rules_head(struct embargo_rules *rules, const char *text);

/* A rule's digest, or the name of a package, below its provenance. */
int embargo_rules_add(struct embargo_rules *rules, const struct embargo_import_entry *entry);
int embargo_rules_add_package(struct embargo_rules *rules,
			      const struct embargo_import_package *package);

/*
 * Writes the policy. What its source dates is denied from then on, and no longer than it says; the
 * rest is only audited, from @now on: to deny is for whoever puts it into force to say. Errors:
 * -ENODATA there is no rule, -E2BIG, -ENOMEM.
 */
int embargo_rules_write(struct embargo_rules *rules, int64_t now, FILE *out);

void embargo_rules_free(struct embargo_rules *rules);

#endif
