/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Those who sign policies in tests: keys, certificates of any kind, revocation lists, and detached
 * signatures with any fault. */
#ifndef EMBARGO_TESTS_UNIT_PARTIES_H
#define EMBARGO_TESTS_UNIT_PARTIES_H

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

#define DAY (24 * 60 * 60)

struct party {
	EVP_PKEY *key;
	X509 *certificate;
};

/* A certificate to be made; what is left out is as a signer of policies should have it. */
struct certificate {
	const char *name;
	const struct party *issuer; /* NULL: itself */
	const char *extended;	    /* "": none; NULL: codeSigning */
	const char *usage; /* "": none; NULL: digitalSignature, of authorities keyCertSign */
	bool is_authority, is_version_one;
	int from, to;		       /* days from now; both 0: -100 to 100 */
	int bits;		       /* of an RSA key; 0: P-256 */
	EVP_PKEY *key;		       /* of another party */
	const EVP_MD *(*method)(void); /* NULL: SHA-256 */
};

static inline void extend(X509 *certificate, X509 *issuer, int type, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	if (!value[0])
		return;
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
	assert_non_null(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

static inline EVP_PKEY *make_key(const struct certificate *how)
{
	if (!how->key)
		return how->bits ? EVP_RSA_gen((unsigned int)how->bits) : EVP_EC_gen("P-256");
	EVP_PKEY_up_ref(how->key);
	return how->key;
}

static inline void add_uses(X509 *certificate, X509 *by, const struct certificate *how)
{
	const char *usage = how->is_authority ? "critical,keyCertSign,cRLSign" : "digitalSignature";

	extend(certificate, by, NID_subject_key_identifier, "hash");
	if (how->is_authority)
		extend(certificate, by, NID_basic_constraints, "critical,CA:TRUE");
	extend(certificate, by, NID_key_usage, how->usage ? how->usage : usage);
	if (how->extended || !how->is_authority)
		extend(certificate, by, NID_ext_key_usage,
		       how->extended ? how->extended : "codeSigning");
}

static inline struct party make_party(const struct certificate *how)
{
	static long serial;
	struct party party = { make_key(how), X509_new() };
	const struct party *by = how->issuer ? how->issuer : &party;
	X509_NAME *name = X509_NAME_new();

	X509_set_version(party.certificate, how->is_version_one ? 0 : 2);
	ASN1_INTEGER_set(X509_get_serialNumber(party.certificate), 0x100 + ++serial);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)how->name, -1,
				   -1, 0);
	X509_set_subject_name(party.certificate, name);
	X509_set_issuer_name(party.certificate,
			     how->issuer ? X509_get_subject_name(by->certificate) : name);
	X509_NAME_free(name);
	X509_time_adj_ex(X509_getm_notBefore(party.certificate),
			 how->from || how->to ? how->from : -100, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(party.certificate),
			 how->from || how->to ? how->to : 100, 0, NULL);
	X509_set_pubkey(party.certificate, party.key);
	if (!how->is_version_one)
		add_uses(party.certificate, by->certificate, how);
	assert_true(X509_sign(party.certificate, by->key,
			      how->method ? how->method() : EVP_sha256()) > 0);
	return party;
}

static inline void free_party(struct party *party)
{
	EVP_PKEY_free(party->key);
	X509_free(party->certificate);
}

/* A list of @issuer's, out of date, that revokes @certificate as of tomorrow. */
static inline void write_revocations(const char *path, const struct party *issuer,
				     const struct party *party)
{
	X509_CRL *list = X509_CRL_new();
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *past = X509_time_adj_ex(NULL, -50, 0, NULL);
	ASN1_TIME *future = X509_time_adj_ex(NULL, 1, 0, NULL);
	FILE *file = fopen(path, "we");

	X509_CRL_set_version(list, 1);
	X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer->certificate));
	X509_CRL_set1_lastUpdate(list, past);
	X509_CRL_set1_nextUpdate(list, past);
	X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(party->certificate));
	X509_REVOKED_set_revocationDate(entry, future);
	X509_CRL_add0_revoked(list, entry);
	assert_true(X509_CRL_sign(list, issuer->key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509_CRL(file, list), 1);
	assert_int_equal(fclose(file), 0);
	ASN1_TIME_free(past);
	ASN1_TIME_free(future);
	X509_CRL_free(list);
}

static inline void write_certificate(const char *path, const struct party *party)
{
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, party->certificate), 1);
	assert_int_equal(fclose(file), 0);
}

/* One signer of a signature. */
struct signer {
	const struct party *by;
	const EVP_MD *(*method)(void); /* NULL: SHA-256 */
	int day;		       /* of signing, from now */
	bool without_time, without_attributes, without_certificate, over_another, forged;
};

static inline void add_attributes(PKCS7_SIGNER_INFO *info, const struct signer *signer,
				  const EVP_MD *method, const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size;

	if (signer->without_attributes)
		return;
	EVP_Digest(text, strlen(text), digest, &size, method, NULL);
	digest[0] ^= signer->over_another;
	PKCS7_add_signed_attribute(info, NID_pkcs9_contentType, V_ASN1_OBJECT,
				   OBJ_nid2obj(NID_pkcs7_data));
	PKCS7_add1_attrib_digest(info, digest, (int)size);
	if (!signer->without_time)
		PKCS7_add_signed_attribute(info, NID_pkcs9_signingTime, V_ASN1_UTCTIME,
					   X509_time_adj_ex(NULL, signer->day, 0, NULL));
}

/* Without attributes the signature is over the content itself. */
static inline void sign_content(PKCS7_SIGNER_INFO *info, const struct signer *signer,
				const EVP_MD *method, const char *text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char made[1024];
	size_t size = sizeof(made);

	assert_int_equal(EVP_DigestSignInit(context, NULL, method, NULL, signer->by->key), 1);
	assert_int_equal(
		EVP_DigestSign(context, made, &size, (const unsigned char *)text, strlen(text)), 1);
	ASN1_OCTET_STRING_set(info->enc_digest, made, (int)size);
	EVP_MD_CTX_free(context);
}

/* The same signature, with a time of signing that another would have liked. */
static inline void forge(PKCS7_SIGNER_INFO *info)
{
	int at = X509at_get_attr_by_NID(info->auth_attr, NID_pkcs9_signingTime, -1);

	X509_ATTRIBUTE_free(X509at_delete_attr(info->auth_attr, at));
	PKCS7_add_signed_attribute(info, NID_pkcs9_signingTime, V_ASN1_UTCTIME,
				   X509_time_adj_ex(NULL, -1, 0, NULL));
}

/* DER of a detached signature over @text by the signers before the first without a party; @others
 * are certificates that come along, NULL after the last. The caller frees with OPENSSL_free(). */
static inline int make_signature(const struct signer *signers, size_t count,
				 const struct party *const *others, const char *text,
				 unsigned char **der)
{
	PKCS7 *made = PKCS7_new();
	int size;

	PKCS7_set_type(made, NID_pkcs7_signed);
	PKCS7_content_new(made, NID_pkcs7_data);
	PKCS7_set_detached(made, 1);
	for (size_t i = 0; i < count && signers[i].by; i++) {
		const EVP_MD *method = signers[i].method ? signers[i].method() : EVP_sha256();
		PKCS7_SIGNER_INFO *info = PKCS7_add_signature(made, signers[i].by->certificate,
							      signers[i].by->key, method);

		assert_non_null(info);
		if (!signers[i].without_certificate)
			PKCS7_add_certificate(made, signers[i].by->certificate);
		add_attributes(info, &signers[i], method, text);
		if (signers[i].without_attributes)
			sign_content(info, &signers[i], method, text);
		else
			assert_int_equal(PKCS7_SIGNER_INFO_sign(info), 1);
		if (signers[i].forged)
			forge(info);
	}
	for (; others && *others; others++)
		PKCS7_add_certificate(made, (*others)->certificate);
	*der = NULL;
	size = i2d_PKCS7(made, der);
	assert_true(size > 0);
	PKCS7_free(made);
	ERR_clear_error();
	return size;
}

#endif
