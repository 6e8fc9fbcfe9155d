// SPDX-License-Identifier: GPL-2.0-or-later
/* The identities of one signer of a SignedData. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "loader/crypto/certificate.h"
#include "loader/crypto/chain.h"
#include "loader/crypto/cms_form.h"

/* Is this the certificate that the signer means? */
static bool is_meant(const EMBARGO_CMS_SIGNER_ID *id, X509 *certificate)
{
	const ASN1_OCTET_STRING *key;

	if (id->form == EMBARGO_CMS_BY_ISSUER)
		return !ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate),
					 id->of.issuer->serial) &&
		       !X509_NAME_cmp(X509_get_issuer_name(certificate), id->of.issuer->issuer);
	key = X509_get0_subject_key_id(certificate);
	return key && !ASN1_OCTET_STRING_cmp(key, id->of.key);
}

/*
 * The signer's certificate, and whether the signature verifies by it. Issuer and serial are but
 * claims: of several that fit, the one whose key it was; where it was none's, the first.
 */
static X509 *find_certificate(const struct embargo_cms *cms, const EMBARGO_CMS_SIGNER *signer,
			      const struct embargo_cms_claim *claim,
			      enum embargo_validity *digest_ok)
{
	X509 *first = NULL;
	int tried = 0;

	for (int i = 0; i < sk_X509_num(cms->certificates) && tried < EMBARGO_CMS_CANDIDATES_MAX;
	     i++) {
		X509 *certificate = sk_X509_value(cms->certificates, i);
		enum embargo_validity validity;

		if (!is_meant(signer->id, certificate))
			continue;
		validity = embargo_cms_verify(cms, signer, claim, certificate);
		if (!tried++ || validity == EMBARGO_VALIDITY_YES) {
			first = certificate;
			*digest_ok = validity;
		}
		if (validity == EMBARGO_VALIDITY_YES)
			break;
	}
	return first;
}

/*
 * The anchor that a signer means whose certificate is not there, as in modules: only where its key
 * made the signature. Otherwise @digest_ok says what was found, and who it was stays open.
 */
static X509 *find_anchor(const struct embargo_cms *cms, const EMBARGO_CMS_SIGNER *signer,
			 const struct embargo_cms_claim *claim, enum embargo_validity *digest_ok)
{
	X509 *anchor;
	int tried = 0;

	for (size_t i = 0; tried < EMBARGO_CMS_CANDIDATES_MAX && (anchor = embargo_chain_anchor(i));
	     i++) {
		if (!is_meant(signer->id, anchor))
			continue;
		tried++;
		*digest_ok = embargo_cms_verify(cms, signer, claim, anchor);
		if (*digest_ok == EMBARGO_VALIDITY_YES)
			return anchor;
	}
	return NULL;
}

static void fill_signer(struct embargo_filling *filling, const EMBARGO_CMS_SIGNER_ID *id)
{
	if (id->form == EMBARGO_CMS_BY_KEY) {
		embargo_certificate_fill_key(filling, id->of.key);
		return;
	}
	embargo_certificate_fill_serial(filling, id->of.issuer->serial);
	embargo_certificate_fill_issuer(filling, id->of.issuer->issuer);
}

/* Begins an identity, to be ended by end(). */
static struct embargo_filling begin(struct embargo_identities *identities,
				    enum embargo_identity_kind kind,
				    struct embargo_diagnostic *flaw)
{
	struct embargo_filling filling = {
		.identities = identities,
		.identity = embargo_identities_add(identities, kind),
		.flaw = flaw,
	};

	if (!filling.identity)
		filling.error = identities->count == EMBARGO_IDENTITIES_MAX ? -E2BIG : -ENOMEM;
	return filling;
}

static int end(struct embargo_filling *filling)
{
	if (filling->identity && (filling->error || !filling->identity->count))
		embargo_identities_drop(filling->identities);
	return filling->error;
}

/* What holds for all identities of one signer. */
struct validity {
	enum embargo_validity digest_ok, chain_ok;
};

static int add_certificate(X509 *certificate, struct validity validity,
			   struct embargo_identities *identities, struct embargo_diagnostic *flaw)
{
	struct embargo_filling filling = begin(identities, EMBARGO_IDENTITY_X509, flaw);

	if (filling.identity) {
		filling.identity->digest_ok = validity.digest_ok;
		filling.identity->chain_ok = validity.chain_ok;
		embargo_certificate_fill(&filling, certificate);
	}
	return end(&filling);
}

/* What the signer itself says of its certificate. */
static int add_signer(const EMBARGO_CMS_SIGNER *signer, enum embargo_identity_kind kind,
		      struct validity validity, struct embargo_identities *identities,
		      struct embargo_diagnostic *flaw)
{
	struct embargo_filling filling = begin(identities, kind, flaw);

	if (filling.identity) {
		filling.identity->digest_ok = validity.digest_ok;
		filling.identity->chain_ok = validity.chain_ok;
		fill_signer(&filling, signer->id);
	}
	return end(&filling);
}

int embargo_cms_signer_add(const struct embargo_cms *cms, size_t index,
			   const struct embargo_cms_claim *claim, enum embargo_cms_form form,
			   struct embargo_identities *identities, struct embargo_diagnostic *flaw)
{
	const EMBARGO_CMS_SIGNER *signer =
		sk_EMBARGO_CMS_SIGNER_value(cms->info->data->signers, (int)index);
	struct validity validity = { 0 };
	X509 *certificate = find_certificate(cms, signer, claim, &validity.digest_ok);
	size_t before = identities->count;
	int error = 0;

	flaw->what[0] = '\0';
	if (!certificate)
		certificate = find_anchor(cms, signer, claim, &validity.digest_ok);
	if (certificate) {
		validity.chain_ok = embargo_chain_check(certificate, cms->certificates);
		error = add_certificate(certificate, validity, identities, flaw);
	} else if (form != EMBARGO_CMS_MODULE) {
		error = add_signer(signer, EMBARGO_IDENTITY_X509, validity, identities, flaw);
	}
	if (!error && form != EMBARGO_CMS_CERTIFICATE) {
		error = add_signer(signer, EMBARGO_IDENTITY_MODULE_SIGNER, validity, identities,
				   flaw);
		if (error && identities->count > before)
			embargo_identities_drop(identities);
	}
	ERR_clear_error();
	return error;
}
