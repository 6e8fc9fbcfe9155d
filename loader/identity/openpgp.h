/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures in OpenPGP's form: whose key made them, as they say themselves. */
#ifndef EMBARGO_IDENTITY_OPENPGP_H
#define EMBARGO_IDENTITY_OPENPGP_H

#include "loader/identity/claim.h"
#include "loader/identity/specimen.h"

/* Of RSA with 16,384 bits 2 KiB; with certificates, notations and armor a few more. */
#define EMBARGO_OPENPGP_SIZE_MAX (256u << 10)

/* One file is signed by a few keys, and a packet of each. */
#define EMBARGO_OPENPGP_PACKETS_MAX 32

/* Keys of one file; more are a fault. */
#define EMBARGO_OPENPGP_KEYS_MAX 32

/*
 * Reads signature packets (RFC 9580, section 5.2), binary or in armor, also behind the text of a
 * clear-signed message. Each key is an identity: by its fingerprint where the signature has it,
 * else by its id. Packets of other sorts are passed over.
 */
void embargo_openpgp_read(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
			  struct embargo_specimen *specimen);

/* The same for base64 alone, as an RPM has it. */
void embargo_openpgp_read_base64(const char *text, size_t length, struct embargo_claim_place place,
				 struct embargo_specimen *specimen);

#endif
