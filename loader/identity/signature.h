/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures in CMS within files: each signer becomes an identity, each flaw a fault. */
#ifndef EMBARGO_IDENTITY_SIGNATURE_H
#define EMBARGO_IDENTITY_SIGNATURE_H

#include "loader/crypto/cms.h"
#include "loader/identity/specimen.h"

/* A signature that lies in a file. */
struct embargo_signature {
	const uint8_t *bytes;
	size_t size;
	uint64_t at;	  /* where, for faults */
	const char *what; /* "module signature" */
};

/* embargo_cms_parse() with faults; NULL where there is nothing to go on with. */
struct embargo_cms *embargo_signature_parse(const struct embargo_signature *signature,
					    struct embargo_specimen *specimen);

/* Takes every signer of @cms, which is that of @signature. */
void embargo_signature_take(const struct embargo_signature *signature,
			    const struct embargo_cms *cms, const struct embargo_cms_claim *claim,
			    enum embargo_cms_form form, struct embargo_specimen *specimen);

#endif
