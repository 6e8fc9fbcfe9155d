/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Canaries: harmless contents that nobody has but us, as random as they are long. */
#ifndef EMBARGO_PROVE_CANARY_H
#define EMBARGO_PROVE_CANARY_H

#include <stddef.h>
#include <stdint.h>

/* What a canary that runs leaves with: no shell, no loader and no signal says so. */
#define EMBARGO_CANARY_STATUS 97

/* More than a page, so that mappings have something to do; 16384 odd sizes from there on. */
#define EMBARGO_CANARY_LEAST 4097
#define EMBARGO_CANARY_MOST  (EMBARGO_CANARY_LEAST + 2 * 16383)

enum embargo_canary_kind {
	EMBARGO_CANARY_UNKNOWN,
	EMBARGO_CANARY_PROGRAM, /* static, ends at once with EMBARGO_CANARY_STATUS */
	EMBARGO_CANARY_SCRIPT,	/* whose interpreter is such a program */
	EMBARGO_CANARY_JUNK,	/* no module and no kernel, whoever looks at it */
	EMBARGO_CANARY_KINDS,
};

/* Three contents of one size: all but their last byte is the same. */
struct embargo_canary {
	enum embargo_canary_kind kind;
	size_t size;
	uint8_t *listed;
	uint8_t *twin;	   /* not listed: what this does, the listed one would do */
	uint8_t *harmless; /* not listed either: what stands in a file before it is rewritten */
};

/* @interpreter: whom a script names. Errors: -ENOMEM, -EIO no random bytes, -ENOTSUP no program of
 * this machine is known. */
int embargo_canary_make(enum embargo_canary_kind kind, size_t size, const char *interpreter,
			struct embargo_canary *canary);
void embargo_canary_free(struct embargo_canary *canary);

/* An odd size, at random. Errors: -EIO. */
int embargo_canary_size(size_t *size);

#endif
