// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading PEM into certificates and revocation lists, by OpenSSL. */
#include "loader/crypto/bundle.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/bundle_form.h"

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

/* One block as PEM_read_bio() gives it. */
struct block {
	char *name;
	char *header;
	unsigned char *data;
	long size;
};

static void free_block(struct block *block)
{
	OPENSSL_free(block->name);
	OPENSSL_free(block->header);
	OPENSSL_free(block->data);
}

int embargo_bundle_new(struct embargo_bundle **bundle)
{
	struct embargo_bundle *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->certificates = sk_X509_new_null();
	made->revocations = sk_X509_CRL_new_null();
	if (!made->certificates || !made->revocations) {
		embargo_bundle_free(made);
		return -ENOMEM;
	}
	*bundle = made;
	return 0;
}

void embargo_bundle_free(struct embargo_bundle *bundle)
{
	if (!bundle)
		return;
	sk_X509_pop_free(bundle->certificates, X509_free);
	sk_X509_CRL_pop_free(bundle->revocations, X509_CRL_free);
	free(bundle);
}

size_t embargo_bundle_certificates(const struct embargo_bundle *bundle)
{
	return (size_t)sk_X509_num(bundle->certificates);
}

static int refuse(struct embargo_diagnostic *diagnostic, int error, const char *remedy,
		  const char *what)
{
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	return embargo_diagnostic_what(diagnostic, error, "%s", what);
}

static int refuse_broken(struct embargo_diagnostic *diagnostic)
{
	ERR_clear_error();
	return refuse(diagnostic, -EBADMSG, "restore the file, or remove it",
		      "holds a certificate or a revocation list that is broken");
}

static int add_certificate(struct embargo_bundle *bundle, const struct block *block,
			   struct embargo_diagnostic *diagnostic)
{
	const unsigned char *at = block->data;
	X509 *certificate = d2i_X509(NULL, &at, block->size);

	if (!certificate || at != block->data + block->size) {
		X509_free(certificate);
		return refuse_broken(diagnostic);
	}
	if (sk_X509_num(bundle->certificates) == EMBARGO_BUNDLE_CERTIFICATES) {
		X509_free(certificate);
		return refuse(diagnostic, -E2BIG, "leave those that sign policies",
			      "has one certificate too many: 256 are the most");
	}
	if (!sk_X509_push(bundle->certificates, certificate)) {
		X509_free(certificate);
		return -ENOMEM;
	}
	return 0;
}

static int add_revocations(struct embargo_bundle *bundle, const struct block *block,
			   struct embargo_diagnostic *diagnostic)
{
	const unsigned char *at = block->data;
	X509_CRL *revocations = d2i_X509_CRL(NULL, &at, block->size);

	if (!revocations || at != block->data + block->size) {
		X509_CRL_free(revocations);
		return refuse_broken(diagnostic);
	}
	if (sk_X509_CRL_num(bundle->revocations) == EMBARGO_BUNDLE_REVOCATIONS) {
		X509_CRL_free(revocations);
		return refuse(diagnostic, -E2BIG, "leave the latest of each authority",
			      "has one revocation list too many: 256 are the most");
	}
	if (!sk_X509_CRL_push(bundle->revocations, revocations)) {
		X509_CRL_free(revocations);
		return -ENOMEM;
	}
	return 0;
}

static int add_block(struct embargo_bundle *bundle, const struct block *block,
		     struct embargo_diagnostic *diagnostic)
{
	if (!strcmp(block->name, PEM_STRING_X509) && !block->header[0])
		return add_certificate(bundle, block, diagnostic);
	if (!strcmp(block->name, PEM_STRING_X509_CRL) && !block->header[0])
		return add_revocations(bundle, block, diagnostic);
	if (strstr(block->name, "PRIVATE KEY"))
		return refuse(diagnostic, -EBADMSG,
			      "take it away from here: whoever has it can sign policies",
			      "holds a private key");
	return refuse(diagnostic, -EBADMSG, "leave certificates and revocation lists alone in it",
		      "holds something else than certificates and revocation lists");
}

/*
 * As many blocks should have been read: one that is broken ends the reading, and one whose first
 * line was damaged would pass for text between the others.
 */
static size_t count_begins(const char *pem)
{
	size_t count = 0;

	for (const char *at = pem; (at = strstr(at, "-----BEGIN")); at++)
		count++;
	return count;
}

int embargo_bundle_add(struct embargo_bundle *bundle, const char *pem, size_t size,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_bio) BIO *bio = BIO_new_mem_buf(pem, (int)size);
	size_t blocks = 0;
	int error = 0;

	if (!bio)
		return -ENOMEM;
	if (strlen(pem) != size)
		return refuse_broken(diagnostic);
	for (; !error; blocks++) {
		_cleanup_(free_block) struct block block = {};

		if (!PEM_read_bio(bio, &block.name, &block.header, &block.data, &block.size))
			break;
		error = add_block(bundle, &block, diagnostic);
	}
	if (error)
		return error;
	ERR_clear_error();
	if (blocks != count_begins(pem))
		return refuse_broken(diagnostic);
	return blocks ? 0
		      : refuse(diagnostic, -EBADMSG, "put PEM there, or remove the file",
			       "holds no certificate and no revocation list");
}
