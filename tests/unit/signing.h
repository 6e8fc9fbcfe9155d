/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signing in tests: throw-away certificates, Authenticode and CMS signatures, a small PE file. */
#ifndef EMBARGO_TESTS_SIGNING_H
#define EMBARGO_TESTS_SIGNING_H

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

struct unit_signer {
	EVP_PKEY *key;
	X509 *certificate;
};

struct unit_bytes {
	uint8_t *bytes;
	size_t size;
};

static inline void unit_bytes_free(struct unit_bytes *bytes)
{
	free(bytes->bytes);
}

static inline void unit_signer_free(struct unit_signer *signer)
{
	EVP_PKEY_free(signer->key);
	X509_free(signer->certificate);
}

/* @length bytes of the string type @type (V_ASN1_...); @word is "CN", "O", "serialNumber". */
static inline void unit_name_add(X509_NAME *name, const char *word, int type, const void *bytes,
				 int length)
{
	assert_int_equal(
		X509_NAME_add_entry_by_NID(name, OBJ_txt2nid(word), type, bytes, length, -1, 0), 1);
}

static inline X509_NAME *unit_name(const char *cn)
{
	X509_NAME *name = X509_NAME_new();

	unit_name_add(name, "CN", V_ASN1_UTF8STRING, cn, (int)strlen(cn));
	return name;
}

static inline void unit_extend(X509 *certificate, X509 *issuer, int type, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
	assert_non_null(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

enum unit_use {
	UNIT_USE_CODE,
	UNIT_USE_ANY, /* no extended key usage */
	UNIT_USE_SERVER,
	UNIT_USE_AUTHORITY,
};

/* A certificate of this name, which is freed; signed by @issuer, or by itself where that is NULL.
 */
static inline struct unit_signer unit_signer(X509_NAME *subject, const struct unit_signer *issuer,
					     long serial, enum unit_use use)
{
	struct unit_signer signer = { EVP_EC_gen("P-256"), X509_new() };
	const struct unit_signer *by = issuer ? issuer : &signer;
	X509 *certificate = signer.certificate;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
	X509_set_subject_name(certificate, subject);
	X509_set_issuer_name(certificate,
			     issuer ? X509_get_subject_name(issuer->certificate) : subject);
	X509_NAME_free(subject);
	/* It ran out long ago: nobody should ask. */
	X509_time_adj_ex(X509_getm_notBefore(certificate), -2000, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(certificate), -1000, 0, NULL);
	X509_set_pubkey(certificate, signer.key);
	unit_extend(certificate, by->certificate, NID_subject_key_identifier, "hash");
	if (use == UNIT_USE_AUTHORITY)
		unit_extend(certificate, by->certificate, NID_basic_constraints,
			    "critical,CA:TRUE");
	else if (use != UNIT_USE_ANY)
		unit_extend(certificate, by->certificate, NID_ext_key_usage,
			    use == UNIT_USE_CODE ? "codeSigning" : "serverAuth");
	assert_true(X509_sign(certificate, by->key, EVP_sha256()) > 0);
	return signer;
}

static inline struct unit_signer unit_signer_named(const char *cn)
{
	return unit_signer(unit_name(cn), NULL, 0x1f, UNIT_USE_CODE);
}

static inline int unit_object(const char *dots)
{
	int number = OBJ_txt2nid(dots);

	return number ? number : OBJ_create(dots, dots, dots);
}

static inline ASN1_STRING *unit_string(const void *bytes, size_t size)
{
	ASN1_STRING *string = ASN1_STRING_new();

	assert_int_equal(ASN1_STRING_set(string, bytes, (int)size), 1);
	return string;
}

#define UNIT_NESTED	"1.3.6.1.4.1.311.2.4.1"
#define UNIT_TIME_STAMP "1.3.6.1.4.1.311.3.3.1"
#define UNIT_INDIRECT	"1.3.6.1.4.1.311.2.1.4"

/* What to sign, and what to put beside it. */
struct unit_authenticode {
	const struct unit_signer *signer;
	const EVP_MD *method;
	const uint8_t *digest; /* of the file */
	const char *type;      /* NULL: UNIT_INDIRECT */
	X509 *others[70];      /* more certificates, before the signer's */
	bool without_certificate;
	/* An unsigned attribute, where there is one. */
	const char *attribute;
	struct unit_bytes value;
};

/*
 * SEQUENCE { SEQUENCE { OID SPC_PE_IMAGE_DATA, SEQUENCE {} }, DigestInfo }, of the file's digest.
 */
static inline ASN1_TYPE *unit_indirect(const EVP_MD *method, const uint8_t *digest)
{
	static const uint8_t data[] = { 0x30, 0x0e, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04,
					0x01, 0x82, 0x37, 0x02, 0x01, 0x0f, 0x30, 0x00 };
	X509_SIG *info = X509_SIG_new();
	ASN1_TYPE *type = ASN1_TYPE_new();
	uint8_t content[256] = { 0x30 }, *at = content + 2;
	X509_ALGOR *algorithm;
	ASN1_OCTET_STRING *octets;

	X509_SIG_getm(info, &algorithm, &octets);
	X509_ALGOR_set_md(algorithm, method);
	ASN1_OCTET_STRING_set(octets, digest, EVP_MD_get_size(method));
	memcpy(at, data, sizeof(data));
	at += sizeof(data);
	i2d_X509_SIG(info, &at);
	X509_SIG_free(info);
	content[1] = (uint8_t)(at - content - 2);
	assert_true(content[1] < 0x80);
	ASN1_TYPE_set(type, V_ASN1_SEQUENCE, unit_string(content, (size_t)(at - content)));
	return type;
}

static inline struct unit_bytes unit_encode(PKCS7 *signed_data)
{
	unsigned char *der = NULL;
	int size = i2d_PKCS7(signed_data, &der);
	struct unit_bytes result = { malloc((size_t)size), (size_t)size };

	assert_true(size > 0);
	memcpy(result.bytes, der, result.size);
	OPENSSL_free(der);
	return result;
}

/* The SignedData of an Authenticode signature; the caller frees it. */
static inline struct unit_bytes unit_authenticode(const struct unit_authenticode *how)
{
	PKCS7 *signed_data = PKCS7_new(), *content = PKCS7_new();
	ASN1_TYPE *indirect = unit_indirect(how->method, how->digest);
	int type = unit_object(how->type ? how->type : UNIT_INDIRECT);
	const ASN1_STRING *whole = indirect->value.sequence;
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct unit_bytes result;
	PKCS7_SIGNER_INFO *signer;
	unsigned int size;

	PKCS7_set_type(signed_data, NID_pkcs7_signed);
	signer = PKCS7_add_signature(signed_data, how->signer->certificate, how->signer->key,
				     how->method);
	assert_non_null(signer);
	for (size_t i = 0; i < ARRAY_SIZE(how->others) && how->others[i]; i++)
		PKCS7_add_certificate(signed_data, how->others[i]);
	if (!how->without_certificate)
		PKCS7_add_certificate(signed_data, how->signer->certificate);
	/* Without the tag of the sequence, as every signature is over contents. */
	EVP_Digest(whole->data + 2, (size_t)whole->length - 2, digest, &size, how->method, NULL);
	PKCS7_add_signed_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(type));
	PKCS7_add1_attrib_digest(signer, digest, (int)size);
	content->type = OBJ_nid2obj(type);
	content->d.other = indirect;
	PKCS7_free(signed_data->d.sign->contents);
	signed_data->d.sign->contents = content;
	assert_int_equal(PKCS7_SIGNER_INFO_sign(signer), 1);
	if (how->attribute)
		PKCS7_add_attribute(signer, unit_object(how->attribute), V_ASN1_SEQUENCE,
				    unit_string(how->value.bytes, how->value.size));
	result = unit_encode(signed_data);
	PKCS7_free(signed_data);
	return result;
}

/* A detached signature over @bytes, with @flags of CMS_sign(); the caller frees it. */
static inline struct unit_bytes unit_detached(const struct unit_signer *signer, const void *bytes,
					      size_t size, unsigned int flags)
{
	BIO *content = BIO_new_mem_buf(bytes, (int)size);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL,
					CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOCERTS);
	struct unit_bytes result = {};
	unsigned char *der = NULL;
	int length;

	assert_non_null(CMS_add1_signer(cms, signer->certificate, signer->key, EVP_sha256(),
					CMS_BINARY | CMS_NOCERTS | flags));
	assert_int_equal(CMS_final(cms, content, NULL, CMS_DETACHED | CMS_BINARY), 1);
	length = i2d_CMS_ContentInfo(cms, &der);
	assert_true(length > 0);
	result.size = (size_t)length;
	result.bytes = malloc(result.size);
	memcpy(result.bytes, der, result.size);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	return result;
}

/*
 *	0      MZ
 *	0x40   PE, COFF header, optional header
 *	0x200  what a section would hold
 *	0x400  certificate table
 */
#define UNIT_PE_HEADER	0x40
#define UNIT_PE_CONTENT 0x400

struct unit_pe {
	bool plus;
	size_t size;
	uint8_t bytes[65536];
};

static inline void unit_put(uint8_t *at, uint32_t value, int size)
{
	for (int i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline size_t unit_pe_optional(void)
{
	return UNIT_PE_HEADER + 24;
}

static inline size_t unit_pe_directory(const struct unit_pe *pe)
{
	return unit_pe_optional() + (pe->plus ? 112 : 96) + 4 * 8;
}

static inline void unit_pe_make(struct unit_pe *pe, bool plus)
{
	size_t optional = unit_pe_optional();

	*pe = (struct unit_pe) { .plus = plus, .size = UNIT_PE_CONTENT };
	memcpy(pe->bytes, "MZ", 2);
	unit_put(pe->bytes + 0x3c, UNIT_PE_HEADER, 4);
	memcpy(pe->bytes + UNIT_PE_HEADER, "PE\0\0", 4);
	unit_put(pe->bytes + UNIT_PE_HEADER + 20, plus ? 240 : 224, 2);
	unit_put(pe->bytes + optional, plus ? 0x20b : 0x10b, 2);
	unit_put(pe->bytes + optional + (plus ? 108 : 92), 16, 4);
	memset(pe->bytes + 0x200, 'c', 0x200);
}

/* The digest of all bytes but checksum, directory entry and certificate table. */
static inline void unit_pe_digest(const struct unit_pe *pe, const EVP_MD *method, uint8_t *digest)
{
	size_t checksum = unit_pe_optional() + 64, directory = unit_pe_directory(pe);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	EVP_DigestInit_ex(context, method, NULL);
	EVP_DigestUpdate(context, pe->bytes, checksum);
	EVP_DigestUpdate(context, pe->bytes + checksum + 4, directory - checksum - 4);
	EVP_DigestUpdate(context, pe->bytes + directory + 8, UNIT_PE_CONTENT - directory - 8);
	EVP_DigestFinal_ex(context, digest, NULL);
	EVP_MD_CTX_free(context);
}

/* One more entry in the certificate table. */
static inline void unit_pe_append(struct unit_pe *pe, struct unit_bytes der)
{
	uint8_t *directory = pe->bytes + unit_pe_directory(pe);

	assert_true(pe->size + der.size + 16 < sizeof(pe->bytes));
	unit_put(pe->bytes + pe->size, (uint32_t)der.size + 8, 4);
	unit_put(pe->bytes + pe->size + 4, 0x0200, 2);
	unit_put(pe->bytes + pe->size + 6, 2, 2);
	memcpy(pe->bytes + pe->size + 8, der.bytes, der.size);
	pe->size += (8 + der.size + 7) & ~(size_t)7;
	unit_put(directory, UNIT_PE_CONTENT, 4);
	unit_put(directory + 4, (uint32_t)(pe->size - UNIT_PE_CONTENT), 4);
}

#endif
