/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of verifying a document's signature. Within the room of OpenSSL only. */
#ifndef EMBARGO_CRYPTO_SIGNED_FORM_H
#define EMBARGO_CRYPTO_SIGNED_FORM_H

#include <openssl/cms.h>

#include "loader/crypto/bundle_form.h"
#include "loader/crypto/signed.h"

/* What a signer is held against. */
struct embargo_signed_work {
	const struct embargo_bundle *anchors;
	STACK_OF(X509) * certificates; /* that came with the signature */
	const void *content;
	size_t length;
};

/* The signature, in the one form that is taken; the caller frees. Errors as
 * embargo_signed_verify(). */
int embargo_signed_decode(const void *der, size_t size, CMS_ContentInfo **cms,
			  struct embargo_diagnostic *diagnostic);

/* Fills @result, the fault too. */
void embargo_signed_signer_check(const struct embargo_signed_work *work, CMS_SignerInfo *signer,
				 struct embargo_signed_signer *result);

/* Do the signed attributes speak of these bytes? EMBARGO_SIGNED_COUNTS, or the fault. */
enum embargo_signed_fault embargo_signed_content_check(CMS_SignerInfo *signer, const void *content,
						       size_t length);

/* Is the key of this certificate strong enough? EMBARGO_SIGNED_COUNTS, or the fault. */
enum embargo_signed_fault embargo_signed_key_check(X509 *certificate);

/* May the certificate sign policies? An anchor must not deny it, another has to say so. */
enum embargo_signed_fault embargo_signed_usage_check(X509 *certificate, bool is_anchor);

/* Does the certificate lead to an anchor, over valid ones that nobody revoked? @at is seconds since
 * 1970. */
enum embargo_signed_fault embargo_signed_chain_check(const struct embargo_signed_work *work,
						     X509 *certificate, int64_t at);

/* Is one of @chain, the signer's first, on a revocation list of @anchors? */
bool embargo_signed_is_revoked(const struct embargo_bundle *anchors, STACK_OF(X509) * chain);

#endif
