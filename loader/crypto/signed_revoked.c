// SPDX-License-Identifier: GPL-2.0-or-later
/* Revocation: is a certificate on a list of its issuer's? */
#include <openssl/x509.h>

#include "loader/crypto/signed_form.h"

static bool is_signed_by(X509_CRL *revocations, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	return key && X509_CRL_verify(revocations, key) == 1;
}

static bool has_name(X509 *certificate, const X509_NAME *name)
{
	return !X509_NAME_cmp(X509_get_subject_name(certificate), name);
}

/*
 * Is the list one of the issuer of the certificate? @issuer, the next of the chain, made the
 * certificate; an authority with a new key has a certificate of its own among the anchors. Above
 * the last of a chain none may be known at all: then the name has to do, since whoever keeps the
 * anchors put the list there too. Not so where a certificate of that name is at hand and did not
 * sign.
 */
static bool is_of_issuer(const struct embargo_bundle *anchors, X509_CRL *revocations, X509 *issuer)
{
	const X509_NAME *name = X509_CRL_get_issuer(revocations);
	bool is_known = issuer;

	if (issuer && is_signed_by(revocations, issuer))
		return true;
	for (int i = 0; i < sk_X509_num(anchors->certificates); i++) {
		X509 *anchor = sk_X509_value(anchors->certificates, i);

		if (!has_name(anchor, name))
			continue;
		if (is_signed_by(revocations, anchor))
			return true;
		is_known = true;
	}
	return !is_known;
}

/* An old list revokes as a new one does, and so does one whose date is after the signature's. */
static bool is_on(const struct embargo_bundle *anchors, X509 *certificate, X509 *issuer)
{
	for (int i = 0; i < sk_X509_CRL_num(anchors->revocations); i++) {
		X509_CRL *revocations = sk_X509_CRL_value(anchors->revocations, i);
		X509_REVOKED *entry;

		if (!X509_NAME_cmp(X509_CRL_get_issuer(revocations),
				   X509_get_issuer_name(certificate)) &&
		    X509_CRL_get0_by_serial(revocations, &entry,
					    X509_get_serialNumber(certificate)) == 1 &&
		    is_of_issuer(anchors, revocations, issuer))
			return true;
	}
	return false;
}

bool embargo_signed_is_revoked(const struct embargo_bundle *anchors, STACK_OF(X509) * chain)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (is_on(anchors, sk_X509_value(chain, i), sk_X509_value(chain, i + 1)))
			return true;
	return false;
}
