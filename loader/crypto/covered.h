/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes that signatures are over: their digests, each computed once. */
#ifndef EMBARGO_CRYPTO_COVERED_H
#define EMBARGO_CRYPTO_COVERED_H

#include <stddef.h>
#include <stdint.h>

struct embargo_extent {
	const uint8_t *bytes;
	size_t size;
};

#define EMBARGO_COVERED_EXTENTS 4 /* a PE file around checksum, directory entry and table */

/*
 * How many algorithms a file's signatures may name. It is hashed once for each, at most: the file
 * has up to 256 MiB, and each signature in it could name another.
 */
#define EMBARGO_COVERED_DIGESTS 8
#define EMBARGO_COVERED_DIGEST	64 /* bytes of the longest digest, SHA-512 */

struct embargo_covered {
	struct embargo_extent extents[EMBARGO_COVERED_EXTENTS];
	size_t count;
	size_t made;
	struct {
		int algorithm; /* OpenSSL's number of it */
		unsigned int size;
		uint8_t bytes[EMBARGO_COVERED_DIGEST];
	} digests[EMBARGO_COVERED_DIGESTS];
};

/*
 * The digest by @algorithm of all extents, one after the other. @digest stays that of @covered.
 * Errors: -ENOTSUP for an algorithm that OpenSSL has not (or one too many), -ENOMEM.
 */
int embargo_covered_digest(struct embargo_covered *covered, int algorithm, const uint8_t **digest,
			   unsigned int *size);

#endif
