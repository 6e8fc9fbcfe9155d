/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a certificate lead to an anchor of this host? Within the room of OpenSSL only. */
#ifndef EMBARGO_CRYPTO_CHAIN_H
#define EMBARGO_CRYPTO_CHAIN_H

#include <openssl/x509.h>

#include "loader/model/identity.h"

/*
 * Looks for a chain from @certificate over @others to one of the anchors in use, which may be any
 * certificate, not only one that signed itself. The certificate must be good for code signing: say
 * so in its extended key usage, or have none.
 *
 * Dates are not looked at. A certificate that ran out names the company that it always named; and
 * when a signature was made stands in attributes that anybody can add or take away. Believing them
 * would let a vendor escape a rule that requires valid signatures with one forged time.
 */
enum embargo_validity embargo_chain_check(X509 *certificate, STACK_OF(X509) * others);

/* The @index'th anchor in use, which stays its owner's; NULL behind the last. */
X509 *embargo_chain_anchor(size_t index);

#endif
