/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of digests with a mark each: as many as memory has room for, 33 bytes a place. */
#ifndef EMBARGO_IMPORT_DIGEST_SET_H
#define EMBARGO_IMPORT_DIGEST_SET_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

enum embargo_digest_mark {
	EMBARGO_MARK_NONE,   /* not in the set */
	EMBARGO_MARK_IN,     /* a candidate */
	EMBARGO_MARK_SHARED, /* others have it, too */
	EMBARGO_MARK_TOLD,   /* it has been handed on */
};

struct embargo_digest_set {
	struct embargo_digest_place *places;
	size_t room; /* places, a power of two */
	size_t count;
	uint64_t key[4]; /* nobody who fills it knows it */
};

/* Adds the digest, marked as in. Errors: -ENOMEM, or of getrandom(2). */
int embargo_digest_set_add(struct embargo_digest_set *set, const struct embargo_digest *digest);

/* The mark of a digest, to be read and changed, or NULL where it is not in the set. */
uint8_t *embargo_digest_set_find(const struct embargo_digest_set *set,
				 const struct embargo_digest *digest);

void embargo_digest_set_free(struct embargo_digest_set *set);

#endif
