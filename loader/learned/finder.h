/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding one learned digest in the list without reading all of it again. */
#ifndef EMBARGO_LEARNED_FINDER_H
#define EMBARGO_LEARNED_FINDER_H

#include "loader/learned/list.h"

/* Lines that are kept in mind, twice as many as may be learned; beyond, some are not found. */
#define EMBARGO_FINDER_MAX (2 * EMBARGO_LEARNED_MAX)

/*
 * Knows where in the list's file each digest stands, and reads on where the file has grown since;
 * one that was written anew is read anew. A digest has several lines where it was learned by
 * several rules, one after the other.
 */
struct embargo_finder;

/* @file outlives the finder. Returns 0 or -ENOMEM. */
int embargo_finder_open(const char *file, struct embargo_finder **finder);
void embargo_finder_close(struct embargo_finder *finder);

/*
 * Calls @each for the entries of @digest, in their order, until it returns other than -ENOENT, and
 * hands that on; -ENOENT where there is none.
 */
int embargo_finder_find(struct embargo_finder *finder, const struct embargo_digest *digest,
			int (*each)(void *context, const struct embargo_learned_entry *entry),
			void *context);

#endif
