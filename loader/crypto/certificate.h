/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of an identity from a certificate, and from names. Within the room of OpenSSL only. */
#ifndef EMBARGO_CRYPTO_CERTIFICATE_H
#define EMBARGO_CRYPTO_CERTIFICATE_H

#include <openssl/x509.h>

#include "loader/base/diagnostic.h"
#include "loader/model/identity.h"

/* An identity being filled: the last one of its set. A value that is none is left out, with a flaw.
 */
struct embargo_filling {
	struct embargo_identities *identities;
	struct embargo_identity *identity;
	struct embargo_diagnostic *flaw;
	int error; /* the first that ends it all: -ENOMEM */
};

/* All that rules and people ask of @certificate. */
void embargo_certificate_fill(struct embargo_filling *filling, X509 *certificate);

/* The whole name, and each CN of it. */
void embargo_certificate_fill_issuer(struct embargo_filling *filling, const X509_NAME *name);

/* Lower-case hex without leading zeros. */
void embargo_certificate_fill_serial(struct embargo_filling *filling, const ASN1_INTEGER *serial);

void embargo_certificate_fill_key(struct embargo_filling *filling, const ASN1_OCTET_STRING *key);

#endif
