/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bundle as OpenSSL holds it. Within the room of OpenSSL only. */
#ifndef EMBARGO_CRYPTO_BUNDLE_FORM_H
#define EMBARGO_CRYPTO_BUNDLE_FORM_H

#include <openssl/x509.h>

#include "loader/crypto/bundle.h"

struct embargo_bundle {
	STACK_OF(X509) * certificates;
	STACK_OF(X509_CRL) * revocations;
};

#endif
