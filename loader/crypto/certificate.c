// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and numbers of certificates as text, by OpenSSL. */
#include "loader/crypto/certificate.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/crypto/sha256.h"

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_text(unsigned char **text)
{
	OPENSSL_free(*text);
}

static void note(struct embargo_filling *filling, enum embargo_attribute attribute, int error)
{
	static const char *const reasons[] = { "is no text", "is too long, or one too many" };

	if (error == -ENOMEM)
		filling->error = error;
	else if (error)
		embargo_diagnostic_what(filling->flaw, 0, "%s %s",
					embargo_attribute_name(attribute),
					reasons[error == -E2BIG]);
}

static void set(struct embargo_filling *filling, enum embargo_attribute attribute, const char *text,
		size_t length)
{
	note(filling, attribute,
	     embargo_identities_set(filling->identities, filling->identity, attribute, text,
				    length));
}

/* Each entry of this type that @name has. */
static void set_entries(struct embargo_filling *filling, const X509_NAME *name, int type,
			enum embargo_attribute attribute)
{
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(name, type, at)) >= 0) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, at);
		_cleanup_(free_text) unsigned char *text = NULL;
		int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));

		if (length < 0)
			note(filling, attribute, -EBADMSG);
		else
			set(filling, attribute, (char *)text, (size_t)length);
	}
}

/* RFC 4514, with letters beyond ASCII as they are. */
static void set_name(struct embargo_filling *filling, const X509_NAME *name,
		     enum embargo_attribute attribute)
{
	_cleanup_(free_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long length;

	if (!bio) {
		filling->error = -ENOMEM;
		return;
	}
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
		note(filling, attribute, -EBADMSG);
		return;
	}
	length = BIO_get_mem_data(bio, &text);
	/* A name of no parts is allowed, and says nothing. */
	if (length > 0)
		set(filling, attribute, text, (size_t)length);
}

void embargo_certificate_fill_issuer(struct embargo_filling *filling, const X509_NAME *name)
{
	set_name(filling, name, EMBARGO_ATTRIBUTE_ISSUER);
	set_entries(filling, name, NID_commonName, EMBARGO_ATTRIBUTE_ISSUER_CN);
}

/* "-" before a negative one: no certificate should have one, and some do. */
void embargo_certificate_fill_serial(struct embargo_filling *filling, const ASN1_INTEGER *serial)
{
	char text[EMBARGO_ATTRIBUTE_SIZE + 1] = "-", *digits = text + 1;
	int length = ASN1_STRING_length(serial);

	if (EMBARGO_HEX_SIZE((size_t)length) >= sizeof(text)) {
		note(filling, EMBARGO_ATTRIBUTE_SERIAL, -E2BIG);
		return;
	}
	embargo_hex_format(ASN1_STRING_get0_data(serial), (size_t)length, digits);
	while (digits[0] == '0' && digits[1])
		digits++;
	if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER)
		*--digits = '-';
	set(filling, EMBARGO_ATTRIBUTE_SERIAL, digits, strlen(digits));
}

static void set_hex(struct embargo_filling *filling, enum embargo_attribute attribute,
		    const void *bytes, size_t size)
{
	char text[EMBARGO_ATTRIBUTE_SIZE];

	if (EMBARGO_HEX_SIZE(size) > sizeof(text)) {
		note(filling, attribute, -E2BIG);
		return;
	}
	embargo_hex_format(bytes, size, text);
	set(filling, attribute, text, 2 * size);
}

void embargo_certificate_fill_key(struct embargo_filling *filling, const ASN1_OCTET_STRING *key)
{
	set_hex(filling, EMBARGO_ATTRIBUTE_KEY_ID, ASN1_STRING_get0_data(key),
		(size_t)ASN1_STRING_length(key));
}

static void set_sha256(struct embargo_filling *filling, const X509 *certificate)
{
	_cleanup_(free_text) unsigned char *der = NULL;
	struct embargo_digest digest;
	int length = i2d_X509(certificate, &der);

	if (length < 0 || embargo_sha256_memory(der, (size_t)length, &digest))
		filling->error = -ENOMEM;
	else
		set_hex(filling, EMBARGO_ATTRIBUTE_SHA256, digest.bytes, sizeof(digest.bytes));
}

#define NUMBERS 3 /* serial, SHA-256, key id */

/* Moves the first @count values behind all others. */
static void move_back(struct embargo_identity *identity, size_t count)
{
	struct embargo_value moved[NUMBERS];
	size_t others = identity->count - count;

	if (!count)
		return;
	memcpy(moved, identity->values, count * sizeof(*moved));
	memmove(identity->values, identity->values + count, others * sizeof(*moved));
	memcpy(identity->values + others, moved, count * sizeof(*moved));
}

void embargo_certificate_fill(struct embargo_filling *filling, X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(certificate);
	size_t numbers;

	/* Before the names, which may fill all the room, and shown behind them. */
	embargo_certificate_fill_serial(filling, X509_get0_serialNumber(certificate));
	set_sha256(filling, certificate);
	if (key)
		embargo_certificate_fill_key(filling, key);
	numbers = filling->identity->count;
	set_name(filling, subject, EMBARGO_ATTRIBUTE_SUBJECT);
	set_entries(filling, subject, NID_commonName, EMBARGO_ATTRIBUTE_CN);
	set_entries(filling, subject, NID_organizationName, EMBARGO_ATTRIBUTE_O);
	set_entries(filling, subject, NID_serialNumber, EMBARGO_ATTRIBUTE_SUBJECT_SERIAL);
	embargo_certificate_fill_issuer(filling, X509_get_issuer_name(certificate));
	move_back(filling->identity, numbers);
	ERR_clear_error();
}
