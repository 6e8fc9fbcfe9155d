/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims: how readers enter what a file says of itself, or why it cannot be entered. */
#ifndef EMBARGO_IDENTITY_CLAIM_H
#define EMBARGO_IDENTITY_CLAIM_H

#include <stddef.h>
#include <stdint.h>

#include "loader/identity/specimen.h"

/* Where a text stands, for faults: bytes from the beginning, and the structure's name. */
struct embargo_claim_place {
	uint64_t at;
	const char *structure; /* "ELF needed library" */
};

/*
 * Adds an identity of one value, where it is not there already. A text that can be no value, or one
 * identity too many, is a fault.
 */
void embargo_claim_add(struct embargo_specimen *specimen, enum embargo_identity_kind kind,
		       enum embargo_attribute attribute, const char *text, size_t length,
		       struct embargo_claim_place place);

/* The same for bytes, whose text is their lower-case hex. Adds nothing where there are none. */
#define EMBARGO_CLAIM_HEX_MAX 64 /* bytes; more is a fault */
void embargo_claim_add_hex(struct embargo_specimen *specimen, enum embargo_identity_kind kind,
			   enum embargo_attribute attribute, const uint8_t *bytes, size_t size,
			   struct embargo_claim_place place);

/*
 * How many of @kind there are. A reader bounds what it adds of one: with hundreds of keys somebody
 * could crowd out what a rule names.
 */
size_t embargo_claim_count(const struct embargo_specimen *specimen,
			   enum embargo_identity_kind kind);

/*
 * Adds an identity that is to have several values; NULL, and a fault, where there is no room.
 * embargo_claim_end() takes it away again where it got none.
 */
struct embargo_identity *embargo_claim_begin(struct embargo_specimen *specimen,
					     enum embargo_identity_kind kind,
					     struct embargo_claim_place place);
void embargo_claim_set(struct embargo_specimen *specimen, struct embargo_identity *identity,
		       enum embargo_attribute attribute, const char *text, size_t length,
		       struct embargo_claim_place place);
void embargo_claim_end(struct embargo_specimen *specimen, struct embargo_identity *identity);

#endif
