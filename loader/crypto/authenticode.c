// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading SpcIndirectDataContent, by OpenSSL's decoder of ASN.1. */
#include "loader/crypto/authenticode.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/cms_form.h"

#define INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

typedef struct {
	ASN1_TYPE *data;
	X509_SIG *digest; /* DigestInfo */
} EMBARGO_INDIRECT_DATA;

/* clang-format off */
ASN1_SEQUENCE(EMBARGO_INDIRECT_DATA) = {
	ASN1_SIMPLE(EMBARGO_INDIRECT_DATA, data, ASN1_ANY),
	ASN1_SIMPLE(EMBARGO_INDIRECT_DATA, digest, X509_SIG),
} static_ASN1_SEQUENCE_END(EMBARGO_INDIRECT_DATA)
/* clang-format on */

static void free_indirect(EMBARGO_INDIRECT_DATA **indirect)
{
	ASN1_item_free((ASN1_VALUE *)*indirect, ASN1_ITEM_rptr(EMBARGO_INDIRECT_DATA));
}

static EMBARGO_INDIRECT_DATA *decode(const struct embargo_cms *cms)
{
	const EMBARGO_CMS_CONTENT *content = cms->info->data->content;
	char type[sizeof(INDIRECT_DATA) + 1];
	const unsigned char *at;

	OBJ_obj2txt(type, sizeof(type), content->type, 1);
	if (strcmp(type, INDIRECT_DATA) || !content->value ||
	    content->value->type != V_ASN1_SEQUENCE)
		return NULL;
	at = content->value->value.sequence->data;
	return (EMBARGO_INDIRECT_DATA *)ASN1_item_d2i(NULL, &at,
						      content->value->value.sequence->length,
						      ASN1_ITEM_rptr(EMBARGO_INDIRECT_DATA));
}

enum embargo_validity embargo_authenticode_check(const struct embargo_cms *cms,
						 struct embargo_covered *file)
{
	_cleanup_(free_indirect) EMBARGO_INDIRECT_DATA *indirect = decode(cms);
	const ASN1_OCTET_STRING *named;
	const X509_ALGOR *algorithm;
	const uint8_t *digest;
	unsigned int size;

	ERR_clear_error();
	if (!indirect)
		return EMBARGO_VALIDITY_NO;
	X509_SIG_get0(indirect->digest, &algorithm, &named);
	if (embargo_covered_digest(file, OBJ_obj2nid(algorithm->algorithm), &digest, &size)) {
		ERR_clear_error();
		return EMBARGO_VALIDITY_UNKNOWN;
	}
	return (unsigned int)ASN1_STRING_length(named) == size &&
			       !memcmp(ASN1_STRING_get0_data(named), digest, size)
		       ? EMBARGO_VALIDITY_YES
		       : EMBARGO_VALIDITY_NO;
}
