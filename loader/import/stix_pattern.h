/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STIX patterns, as far as they name files by their content. */
#ifndef EMBARGO_IMPORT_STIX_PATTERN_H
#define EMBARGO_IMPORT_STIX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

/* Brackets within brackets: none that a tool writes has more than three. */
#define EMBARGO_STIX_DEPTH 32

/* Digests of one pattern: one of more is no indicator but a list. */
#define EMBARGO_STIX_DIGESTS 65536

struct embargo_stix_digest {
	struct embargo_digest digest;
	bool sized;
	uint64_t size;
};

/* What a pattern comes to. Zeroed memory is one that comes to nothing. */
struct embargo_stix_files {
	struct embargo_stix_digest *digests; /* each alone is enough for the pattern */
	size_t count, room;
	uint64_t narrowed; /* digests that count only together with something else */
	uint64_t others;   /* digests that are no SHA-256 */
};

struct embargo_stix_fault {
	size_t at;	  /* in the pattern */
	const char *what; /* a sentence */
};

/*
 * Reads @pattern (STIX 2.1 part 9) into @files, which the caller frees. What is ORed is taken one
 * by one; a digest that is ANDed with anything but the size and other digests of the same file, or
 * negated, or qualified (WITHIN, REPEATS, START), counts as narrowed and is left out, as by itself
 * it would mean more than the pattern. Errors: -EINVAL the text is no pattern or has a SHA-256 that
 * is none, -E2BIG a bound is crossed, both in @fault; -ENOMEM.
 */
int embargo_stix_pattern_read(const char *pattern, struct embargo_stix_files *files,
			      struct embargo_stix_fault *fault);
void embargo_stix_files_free(struct embargo_stix_files *files);

#endif
