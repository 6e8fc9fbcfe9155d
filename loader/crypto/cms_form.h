/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SignedData as OpenSSL's decoder fills it in. Within the room of OpenSSL only. */
#ifndef EMBARGO_CRYPTO_CMS_FORM_H
#define EMBARGO_CRYPTO_CMS_FORM_H

#include <openssl/asn1.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "loader/crypto/cms.h"

/*
 * OpenSSL's own PKCS7 takes any content but no signer by key id, and its CMS the reverse; neither
 * bounds what it decodes. Here certificates stay undecoded until they are counted. Typedefs,
 * because the macros of <openssl/asn1t.h> make names of them.
 */
typedef struct {
	int form; /* of the union, by order */
	union {
		PKCS7_ISSUER_AND_SERIAL *issuer;
		ASN1_OCTET_STRING *key;
	} of;
} EMBARGO_CMS_SIGNER_ID;

#define EMBARGO_CMS_BY_ISSUER 0
#define EMBARGO_CMS_BY_KEY    1

typedef struct {
	ASN1_INTEGER *version;
	EMBARGO_CMS_SIGNER_ID *id;
	X509_ALGOR *digest;
	STACK_OF(X509_ATTRIBUTE) * signed_attributes; /* NULL: the signature is over the content */
	X509_ALGOR *algorithm;
	ASN1_OCTET_STRING *signature;
	STACK_OF(X509_ATTRIBUTE) * unsigned_attributes;
} EMBARGO_CMS_SIGNER;

DEFINE_STACK_OF(EMBARGO_CMS_SIGNER)

typedef struct {
	ASN1_OBJECT *type;
	ASN1_TYPE *value; /* NULL: detached */
} EMBARGO_CMS_CONTENT;

typedef struct {
	ASN1_INTEGER *version;
	STACK_OF(X509_ALGOR) * digests;
	EMBARGO_CMS_CONTENT *content;
	STACK_OF(ASN1_TYPE) * certificates;
	STACK_OF(ASN1_TYPE) * revocations;
	STACK_OF(EMBARGO_CMS_SIGNER) * signers;
} EMBARGO_CMS_SIGNED_DATA;

typedef struct {
	ASN1_OBJECT *type;
	EMBARGO_CMS_SIGNED_DATA *data;
} EMBARGO_CMS_INFO;

struct embargo_cms {
	EMBARGO_CMS_INFO *info;
	STACK_OF(X509) * certificates;
	size_t broken;
};

/* Does @signer's signature verify by the key of @certificate, over what @claim says? */
enum embargo_validity embargo_cms_verify(const struct embargo_cms *cms,
					 const EMBARGO_CMS_SIGNER *signer,
					 const struct embargo_cms_claim *claim, X509 *certificate);

#endif
