// SPDX-License-Identifier: GPL-2.0-or-later
/* Verifying one signer of a SignedData (RFC 5652, 5.4 and 5.6), by OpenSSL's keys. */
#include <errno.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/cms_form.h"

/*
 * Signed attributes are signed with the tag of a SET in place of [0], in the order in which they
 * stand: a SEQUENCE OF under that tag keeps it, where a SET OF would sort.
 */
/* clang-format off */
ASN1_ITEM_TEMPLATE(EMBARGO_CMS_ATTRIBUTES) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SEQUENCE_OF | ASN1_TFLG_IMPTAG | ASN1_TFLG_UNIVERSAL, V_ASN1_SET,
			      EMBARGO_CMS_ATTRIBUTES, X509_ATTRIBUTE)
static_ASN1_ITEM_TEMPLATE_END(EMBARGO_CMS_ATTRIBUTES)
	/* clang-format on */

	static void free_key_context(EVP_PKEY_CTX * *context)
{
	EVP_PKEY_CTX_free(*context);
}

static void free_encoded(unsigned char **encoded)
{
	OPENSSL_free(*encoded);
}

/* The only value of the only attribute of this type; NULL where there is none, or more. */
static const ASN1_TYPE *find_attribute(const EMBARGO_CMS_SIGNER *signer, int type)
{
	STACK_OF(X509_ATTRIBUTE) *attributes = signer->signed_attributes;
	int at = X509at_get_attr_by_NID(attributes, type, -1);
	X509_ATTRIBUTE *attribute;

	if (at < 0 || X509at_get_attr_by_NID(attributes, type, at) >= 0)
		return NULL;
	attribute = sk_X509_ATTRIBUTE_value(attributes, at);
	return X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
}

/* Do the signed attributes speak of this digest, and of content of this type? */
static bool attributes_hold(const struct embargo_cms *cms, const EMBARGO_CMS_SIGNER *signer,
			    const uint8_t *digest, unsigned int size)
{
	const ASN1_TYPE *type = find_attribute(signer, NID_pkcs9_contentType);
	const ASN1_TYPE *named = find_attribute(signer, NID_pkcs9_messageDigest);

	return type && type->type == V_ASN1_OBJECT &&
	       !OBJ_cmp(type->value.object, cms->info->data->content->type) && named &&
	       named->type == V_ASN1_OCTET_STRING &&
	       (unsigned int)named->value.octet_string->length == size &&
	       !memcmp(named->value.octet_string->data, digest, size);
}

/* What the signature is over: the digest of the content, or of the attributes that hold it. */
static enum embargo_validity find_digest(const struct embargo_cms *cms,
					 const EMBARGO_CMS_SIGNER *signer,
					 struct embargo_covered *content, int algorithm,
					 struct embargo_covered *attributes, const uint8_t **digest,
					 unsigned int *size)
{
	_cleanup_(free_encoded) unsigned char *encoded = NULL;
	int length;

	if (embargo_covered_digest(content, algorithm, digest, size))
		return EMBARGO_VALIDITY_UNKNOWN;
	if (!signer->signed_attributes)
		return EMBARGO_VALIDITY_YES;
	if (!attributes_hold(cms, signer, *digest, *size))
		return EMBARGO_VALIDITY_NO;
	length = ASN1_item_i2d((ASN1_VALUE *)signer->signed_attributes, &encoded,
			       ASN1_ITEM_rptr(EMBARGO_CMS_ATTRIBUTES));
	if (length < 0)
		return EMBARGO_VALIDITY_UNKNOWN;
	attributes->extents[0] = (struct embargo_extent) { encoded, (size_t)length };
	attributes->count = 1;
	return embargo_covered_digest(attributes, algorithm, digest, size)
		       ? EMBARGO_VALIDITY_UNKNOWN
		       : EMBARGO_VALIDITY_YES;
}

/* Of PSS only the form that everybody writes: one algorithm for digest and mask. */
static enum embargo_validity verify_digest(const EMBARGO_CMS_SIGNER *signer, EVP_PKEY *key,
					   int algorithm, const uint8_t *digest, unsigned int size)
{
	_cleanup_(free_key_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	int result;

	if (!context || EVP_PKEY_verify_init(context) != 1)
		return EMBARGO_VALIDITY_UNKNOWN;
	if (OBJ_obj2nid(signer->algorithm->algorithm) == NID_rsassaPss &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1)
		return EMBARGO_VALIDITY_UNKNOWN;
	if (EVP_PKEY_CTX_set_signature_md(context, EVP_get_digestbynid(algorithm)) != 1)
		return EMBARGO_VALIDITY_UNKNOWN;
	result = EVP_PKEY_verify(context, signer->signature->data,
				 (size_t)signer->signature->length, digest, size);
	return result == 1 ? EMBARGO_VALIDITY_YES : EMBARGO_VALIDITY_NO;
}

/* The content within as what is covered; false where there is none, or where it should not be. */
static bool find_content(const struct embargo_cms *cms, const struct embargo_cms_claim *claim,
			 struct embargo_covered *within)
{
	int error = embargo_cms_content(cms, &within->extents[0], NULL, 0);

	within->count = 1;
	return claim->covered ? error == -ENODATA : !error;
}

enum embargo_validity embargo_cms_verify(const struct embargo_cms *cms,
					 const EMBARGO_CMS_SIGNER *signer,
					 const struct embargo_cms_claim *claim, X509 *certificate)
{
	struct embargo_covered within = {}, attributes = {};
	int algorithm = OBJ_obj2nid(signer->digest->algorithm);
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	enum embargo_validity validity;
	const uint8_t *digest;
	unsigned int size;

	if (claim->is_elsewhere)
		return EMBARGO_VALIDITY_UNKNOWN;
	if (!find_content(cms, claim, &within) ||
	    (!claim->covered && claim->content_ok == EMBARGO_VALIDITY_NO))
		return EMBARGO_VALIDITY_NO;
	if (!key)
		return EMBARGO_VALIDITY_UNKNOWN;
	validity = find_digest(cms, signer, claim->covered ? claim->covered : &within, algorithm,
			       &attributes, &digest, &size);
	if (validity == EMBARGO_VALIDITY_YES)
		validity = verify_digest(signer, key, algorithm, digest, size);
	if (validity == EMBARGO_VALIDITY_YES && !claim->covered)
		validity = claim->content_ok;
	ERR_clear_error();
	return validity;
}
