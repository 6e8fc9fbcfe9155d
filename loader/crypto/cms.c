// SPDX-License-Identifier: GPL-2.0-or-later
/* Decoding SignedData, by OpenSSL's decoder of ASN.1. */
#include "loader/crypto/cms.h"

#include <errno.h>
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/cms_form.h"

/* clang-format off */
ASN1_CHOICE(EMBARGO_CMS_SIGNER_ID) = {
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER_ID, of.issuer, PKCS7_ISSUER_AND_SERIAL),
	ASN1_IMP(EMBARGO_CMS_SIGNER_ID, of.key, ASN1_OCTET_STRING, 0),
} static_ASN1_CHOICE_END_selector(EMBARGO_CMS_SIGNER_ID, EMBARGO_CMS_SIGNER_ID, form)

ASN1_SEQUENCE(EMBARGO_CMS_SIGNER) = {
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER, version, ASN1_INTEGER),
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER, id, EMBARGO_CMS_SIGNER_ID),
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER, digest, X509_ALGOR),
	ASN1_IMP_SET_OF_OPT(EMBARGO_CMS_SIGNER, signed_attributes, X509_ATTRIBUTE, 0),
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER, algorithm, X509_ALGOR),
	ASN1_SIMPLE(EMBARGO_CMS_SIGNER, signature, ASN1_OCTET_STRING),
	ASN1_IMP_SET_OF_OPT(EMBARGO_CMS_SIGNER, unsigned_attributes, X509_ATTRIBUTE, 1),
} static_ASN1_SEQUENCE_END(EMBARGO_CMS_SIGNER)

ASN1_SEQUENCE(EMBARGO_CMS_CONTENT) = {
	ASN1_SIMPLE(EMBARGO_CMS_CONTENT, type, ASN1_OBJECT),
	ASN1_EXP_OPT(EMBARGO_CMS_CONTENT, value, ASN1_ANY, 0),
} static_ASN1_SEQUENCE_END(EMBARGO_CMS_CONTENT)

ASN1_SEQUENCE(EMBARGO_CMS_SIGNED_DATA) = {
	ASN1_SIMPLE(EMBARGO_CMS_SIGNED_DATA, version, ASN1_INTEGER),
	ASN1_SET_OF(EMBARGO_CMS_SIGNED_DATA, digests, X509_ALGOR),
	ASN1_SIMPLE(EMBARGO_CMS_SIGNED_DATA, content, EMBARGO_CMS_CONTENT),
	ASN1_IMP_SET_OF_OPT(EMBARGO_CMS_SIGNED_DATA, certificates, ASN1_ANY, 0),
	ASN1_IMP_SET_OF_OPT(EMBARGO_CMS_SIGNED_DATA, revocations, ASN1_ANY, 1),
	ASN1_SET_OF(EMBARGO_CMS_SIGNED_DATA, signers, EMBARGO_CMS_SIGNER),
} static_ASN1_SEQUENCE_END(EMBARGO_CMS_SIGNED_DATA)

ASN1_SEQUENCE(EMBARGO_CMS_INFO) = {
	ASN1_SIMPLE(EMBARGO_CMS_INFO, type, ASN1_OBJECT),
	ASN1_EXP(EMBARGO_CMS_INFO, data, EMBARGO_CMS_SIGNED_DATA, 0),
} static_ASN1_SEQUENCE_END(EMBARGO_CMS_INFO)
/* clang-format on */

#define NESTED_SIGNATURE "1.3.6.1.4.1.311.2.4.1"

static void free_cms(struct embargo_cms **cms)
{
	embargo_cms_free(*cms);
}

void embargo_cms_free(struct embargo_cms *cms)
{
	if (!cms)
		return;
	ASN1_item_free((ASN1_VALUE *)cms->info, ASN1_ITEM_rptr(EMBARGO_CMS_INFO));
	sk_X509_pop_free(cms->certificates, X509_free);
	free(cms);
}

/* Certificates of X.509 alone; what else the set may hold (attribute certificates) signs nothing.
 */
static int take_certificates(struct embargo_cms *cms)
{
	STACK_OF(ASN1_TYPE) *encoded = cms->info->data->certificates;

	if (sk_ASN1_TYPE_num(encoded) > EMBARGO_CMS_CERTIFICATES_MAX)
		return -E2BIG;
	cms->certificates = sk_X509_new_null();
	if (!cms->certificates)
		return -ENOMEM;
	for (int i = 0; i < sk_ASN1_TYPE_num(encoded); i++) {
		const ASN1_TYPE *any = sk_ASN1_TYPE_value(encoded, i);
		const unsigned char *at;
		X509 *certificate;

		if (any->type != V_ASN1_SEQUENCE)
			continue;
		at = any->value.sequence->data;
		certificate = d2i_X509(NULL, &at, any->value.sequence->length);
		if (!certificate)
			cms->broken++;
		else if (!sk_X509_push(cms->certificates, certificate))
			return X509_free(certificate), -ENOMEM;
	}
	return 0;
}

int embargo_cms_parse(const uint8_t *der, size_t size, struct embargo_cms **cms)
{
	_cleanup_(free_cms) struct embargo_cms *parsed = calloc(1, sizeof(*parsed));
	int error;

	if (!parsed)
		return -ENOMEM;
	if (size > EMBARGO_CMS_SIZE_MAX)
		return -E2BIG;
	parsed->info = (EMBARGO_CMS_INFO *)ASN1_item_d2i(NULL, &der, (long)size,
							 ASN1_ITEM_rptr(EMBARGO_CMS_INFO));
	if (!parsed->info || OBJ_obj2nid(parsed->info->type) != NID_pkcs7_signed) {
		ERR_clear_error();
		return -EBADMSG;
	}
	if (sk_EMBARGO_CMS_SIGNER_num(parsed->info->data->signers) > EMBARGO_CMS_SIGNERS_MAX)
		return -E2BIG;
	error = take_certificates(parsed);
	ERR_clear_error();
	if (!error)
		*cms = TAKE_PTR(parsed);
	return error;
}

size_t embargo_cms_signer_count(const struct embargo_cms *cms)
{
	return (size_t)sk_EMBARGO_CMS_SIGNER_num(cms->info->data->signers);
}

size_t embargo_cms_broken_count(const struct embargo_cms *cms)
{
	return cms->broken;
}

/* A value with its tag; only the tag of an octet string has been taken off by the decoder. */
static int strip_tag(const ASN1_TYPE *value, struct embargo_extent *content)
{
	const unsigned char *at;
	long length;
	int tag, class;

	if (value->type == V_ASN1_OCTET_STRING) {
		content->bytes = value->value.octet_string->data;
		content->size = (size_t)value->value.octet_string->length;
		return 0;
	}
	if (value->type != V_ASN1_SEQUENCE)
		return -EBADMSG;
	at = value->value.sequence->data;
	/* 0x80: an error, 0x01: of indefinite length, which signed content never has. */
	if (ASN1_get_object(&at, &length, &tag, &class, value->value.sequence->length) & 0x81)
		return ERR_clear_error(), -EBADMSG;
	content->bytes = at;
	content->size = (size_t)length;
	return 0;
}

int embargo_cms_content(const struct embargo_cms *cms, struct embargo_extent *content, char *type,
			size_t type_size)
{
	const EMBARGO_CMS_CONTENT *form = cms->info->data->content;

	if (type)
		OBJ_obj2txt(type, (int)type_size, form->type, 1);
	return form->value ? strip_tag(form->value, content) : -ENODATA;
}

/* The @index'th value of all nested signatures of @signer; counts down what it passes. */
static const ASN1_TYPE *find_nested(const EMBARGO_CMS_SIGNER *signer, size_t *index)
{
	STACK_OF(X509_ATTRIBUTE) *attributes = signer->unsigned_attributes;
	char type[sizeof(NESTED_SIGNATURE) + 1];

	for (int i = 0; i < sk_X509_ATTRIBUTE_num(attributes); i++) {
		X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(attributes, i);
		size_t count = (size_t)X509_ATTRIBUTE_count(attribute);

		OBJ_obj2txt(type, sizeof(type), X509_ATTRIBUTE_get0_object(attribute), 1);
		if (strcmp(type, NESTED_SIGNATURE))
			continue;
		if (*index < count)
			return X509_ATTRIBUTE_get0_type(attribute, (int)*index);
		*index -= count;
	}
	return NULL;
}

int embargo_cms_nested(const struct embargo_cms *cms, size_t index, struct embargo_extent *nested)
{
	for (size_t i = 0; i < embargo_cms_signer_count(cms); i++) {
		const ASN1_TYPE *value = find_nested(
			sk_EMBARGO_CMS_SIGNER_value(cms->info->data->signers, (int)i), &index);

		if (!value)
			continue;
		if (value->type != V_ASN1_SEQUENCE)
			return -EBADMSG;
		nested->bytes = value->value.sequence->data;
		nested->size = (size_t)value->value.sequence->length;
		return 0;
	}
	return -ENODATA;
}
