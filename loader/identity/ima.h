/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures in IMA's form: what security.ima holds, and what an RPM holds for each of its files.
 */
#ifndef EMBARGO_IDENTITY_IMA_H
#define EMBARGO_IDENTITY_IMA_H

#include "loader/identity/claim.h"
#include "loader/identity/specimen.h"

/* The kernel's own limit for an extended attribute; a signature of RSA with 4,096 bits has 521. */
#define EMBARGO_IMA_SIZE_MAX 65536u

/*
 * The key of a signature, as its id: the last four bytes of the subject key identifier. A mere
 * digest has none. What begins like a signature and is none is a fault.
 */
void embargo_ima_read(const uint8_t *bytes, size_t size, struct embargo_claim_place place,
		      struct embargo_specimen *specimen);

#endif
