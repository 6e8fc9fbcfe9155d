// SPDX-License-Identifier: GPL-2.0-or-later
/* One signer of a document: does the signature hold, and over what. */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"
#include "loader/crypto/sha256.h"
#include "loader/crypto/signed_form.h"

/* Certificates with the same issuer and serial; all but one of them are forged. */
#define CANDIDATES_MAX 4

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_number(BIGNUM **number)
{
	BN_free(*number);
}

static void free_text(char **text)
{
	OPENSSL_free(*text);
}

static void write_name(const X509_NAME *name, char text[static EMBARGO_SIGNED_NAME])
{
	_cleanup_(free_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *written;
	long length;

	if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
		return;
	length = BIO_get_mem_data(bio, &written);
	if (length >= EMBARGO_SIGNED_NAME)
		length = EMBARGO_SIGNED_NAME - 1;
	memcpy(text, written, (size_t)length);
	text[length] = '\0';
	embargo_utf8_printable(text, text, EMBARGO_SIGNED_NAME);
}

static void write_serial(const ASN1_INTEGER *serial, char *text, size_t size)
{
	_cleanup_(free_number) BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
	_cleanup_(free_text) char *hex = number ? BN_bn2hex(number) : NULL;
	const char *digits = hex ? hex : "";

	while (digits[0] == '0' && digits[1])
		digits++;
	snprintf(text, size, "%s", digits);
	for (; *text; text++)
		*text += *text >= 'A' && *text <= 'F' ? 'a' - 'A' : 0;
}

static void describe(X509 *certificate, struct embargo_signed_signer *result)
{
	write_name(X509_get_subject_name(certificate), result->subject);
	write_name(X509_get_issuer_name(certificate), result->issuer);
	write_serial(X509_get0_serialNumber(certificate), result->serial, sizeof(result->serial));
}

/*
 * The certificate by whose key the signature verifies; NULL where there is none, and then @result
 * names the first that the signer could mean.
 */
static X509 *find_certificate(CMS_SignerInfo *signer, STACK_OF(X509) * certificates,
			      struct embargo_signed_signer *result)
{
	int candidates = 0;

	for (int i = 0; i < sk_X509_num(certificates) && candidates < CANDIDATES_MAX; i++) {
		X509 *certificate = sk_X509_value(certificates, i);

		if (CMS_SignerInfo_cert_cmp(signer, certificate))
			continue;
		candidates++;
		CMS_SignerInfo_set1_signer_cert(signer, certificate);
		if (!result->subject[0])
			describe(certificate, result);
		if (CMS_SignerInfo_verify(signer) == 1) {
			describe(certificate, result);
			return certificate;
		}
	}
	return NULL;
}

static const EVP_MD *method_of(CMS_SignerInfo *signer)
{
	X509_ALGOR *algorithm;
	const ASN1_OBJECT *object;

	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &algorithm, NULL);
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(object)) {
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/* The only value of the only attribute of this type, of this form. */
static const void *find_attribute(CMS_SignerInfo *signer, int type, int form)
{
	return CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(type), -3, form);
}

/*
 * What CMS_verify() does by a chain of BIOs, one for each digest that the signature lists: a
 * hostile one lists thousands, and has the content hashed as often.
 */
enum embargo_signed_fault embargo_signed_content_check(CMS_SignerInfo *signer, const void *content,
						       size_t length)
{
	const EVP_MD *method = method_of(signer);
	unsigned char digest[EVP_MAX_MD_SIZE];
	const ASN1_OCTET_STRING *named;
	const ASN1_OBJECT *type;
	unsigned int size;

	if (!method)
		return EMBARGO_SIGNED_WEAK_DIGEST;
	if (CMS_signed_get_attr_count(signer) <= 0)
		return EMBARGO_SIGNED_NO_ATTRIBUTES;
	named = find_attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	type = find_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
	if (!named || !type || OBJ_obj2nid(type) != NID_pkcs7_data)
		return EMBARGO_SIGNED_NO_ATTRIBUTES;
	if (EVP_Digest(content, length, digest, &size, method, NULL) != 1)
		return EMBARGO_SIGNED_UNKNOWN;
	if ((unsigned int)ASN1_STRING_length(named) != size ||
	    memcmp(ASN1_STRING_get0_data(named), digest, size))
		return EMBARGO_SIGNED_OTHER_CONTENT;
	return EMBARGO_SIGNED_COUNTS;
}

/* RFC 5652, 11.3: UTCTime until 2049, GeneralizedTime after. */
static bool take_time(CMS_SignerInfo *signer, int64_t *at)
{
	const ASN1_TIME *time = find_attribute(signer, NID_pkcs9_signingTime, V_ASN1_UTCTIME);
	struct tm parts = {};

	if (!time)
		time = find_attribute(signer, NID_pkcs9_signingTime, V_ASN1_GENERALIZEDTIME);
	if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
		return false;
	*at = timegm(&parts);
	return true;
}

enum embargo_signed_fault embargo_signed_key_check(X509 *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	char group[64];

	if (!key)
		return EMBARGO_SIGNED_WEAK_KEY;
	if ((EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")) &&
	    EVP_PKEY_get_bits(key) >= EMBARGO_SIGNED_KEY_BITS)
		return EMBARGO_SIGNED_COUNTS;
	/* A curve by its name: one of the certificate's own making proves nothing. */
	if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_security_bits(key) >= 112 &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1)
		return EMBARGO_SIGNED_COUNTS;
	return EMBARGO_SIGNED_WEAK_KEY;
}

/*
 * The modulus, or the first coordinate: one key has several encodings (RSA and RSA-PSS, a point
 * compressed or not), and whoever has it must not count for two.
 */
static bool number_key(X509 *certificate, struct embargo_digest *number)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	_cleanup_(free_number) BIGNUM *value = NULL;
	unsigned char bytes[16384 / 8];
	int size;

	if (EVP_PKEY_get_bn_param(key,
				  EVP_PKEY_is_a(key, "EC") ? OSSL_PKEY_PARAM_EC_PUB_X
							   : OSSL_PKEY_PARAM_RSA_N,
				  &value) != 1 ||
	    BN_num_bytes(value) > (int)sizeof(bytes))
		return false;
	size = BN_bn2bin(value, bytes);
	return !embargo_sha256_memory(bytes, (size_t)size, number);
}

static enum embargo_signed_fault check(const struct embargo_signed_work *work,
				       CMS_SignerInfo *signer, struct embargo_signed_signer *result)
{
	enum embargo_signed_fault fault;
	X509 *certificate = find_certificate(signer, work->certificates, result);
	int64_t at = 0;

	if (!certificate)
		certificate = find_certificate(signer, work->anchors->certificates, result);
	result->is_dated = take_time(signer, &at);
	result->at = at * 1000000000;
	fault = embargo_signed_content_check(signer, work->content, work->length);
	if (fault != EMBARGO_SIGNED_COUNTS)
		return fault;
	if (!result->is_dated)
		return EMBARGO_SIGNED_NO_TIME;
	if (!certificate)
		return result->subject[0] ? EMBARGO_SIGNED_BROKEN : EMBARGO_SIGNED_NO_CERTIFICATE;
	fault = embargo_signed_key_check(certificate);
	if (fault != EMBARGO_SIGNED_COUNTS)
		return fault;
	if (!number_key(certificate, &result->key))
		return EMBARGO_SIGNED_WEAK_KEY;
	return embargo_signed_chain_check(work, certificate, at);
}

void embargo_signed_signer_check(const struct embargo_signed_work *work, CMS_SignerInfo *signer,
				 struct embargo_signed_signer *result)
{
	*result = (struct embargo_signed_signer) { .fault = EMBARGO_SIGNED_UNKNOWN };
	result->fault = check(work, signer, result);
	/* OpenSSL leaves what was tried and failed in its queue. */
	ERR_clear_error();
}
