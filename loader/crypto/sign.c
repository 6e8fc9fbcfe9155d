// SPDX-License-Identifier: GPL-2.0-or-later
/* Signing documents, by OpenSSL's CMS. */
#include "loader/crypto/sign.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/signed_form.h"

struct embargo_signing {
	EVP_PKEY *key;
	X509 *certificate;
	struct embargo_bundle *others; /* and the certificate itself */
};

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

static void free_signing(struct embargo_signing **signing)
{
	embargo_signing_close(*signing);
}

static void free_certificates(STACK_OF(X509) * *certificates)
{
	sk_X509_pop_free(*certificates, X509_free);
}

void embargo_signing_close(struct embargo_signing *signing)
{
	if (!signing)
		return;
	EVP_PKEY_free(signing->key);
	embargo_bundle_free(signing->others);
	free(signing);
}

static int refuse(struct embargo_diagnostic *diagnostic, int error, const char *remedy,
		  const char *what)
{
	ERR_clear_error();
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	return embargo_diagnostic_what(diagnostic, error, "%s", what);
}

struct question {
	int (*ask)(void *context, char *buffer, int size);
	void *context;
};

static int answer(char *buffer, int size, int is_writing, void *context)
{
	const struct question *question = context;
	int length = question->ask(question->context, buffer, size);

	(void)is_writing;
	return length < 0 ? -1 : length;
}

static int take_key(struct embargo_signing *signing, const char *pem, size_t size,
		    const struct question *question, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_bio) BIO *bio = BIO_new_mem_buf(pem, (int)size);

	if (!bio)
		return -ENOMEM;
	signing->key = PEM_read_bio_PrivateKey(bio, NULL, answer, (void *)question);
	return signing->key ? 0
			    : refuse(diagnostic, -ENOKEY, "name one in PEM, and its passphrase",
				     "the key cannot be read");
}

static int take_certificates(struct embargo_signing *signing, const char *pem, size_t size,
			     struct embargo_diagnostic *diagnostic)
{
	int error = embargo_bundle_new(&signing->others);

	if (!error)
		error = embargo_bundle_add(signing->others, pem, size, diagnostic);
	for (int i = 0; !error && i < sk_X509_num(signing->others->certificates); i++) {
		X509 *certificate = sk_X509_value(signing->others->certificates, i);

		if (!signing->certificate && X509_check_private_key(certificate, signing->key) == 1)
			signing->certificate = certificate;
	}
	ERR_clear_error();
	if (!error && !signing->certificate)
		return refuse(diagnostic, -EBADMSG, "name the certificate of this key",
			      "no certificate of the key");
	return error;
}

/* What would be refused wherever it comes to is refused here. */
static int check_use(const struct embargo_signing *signing, struct embargo_diagnostic *diagnostic)
{
	enum embargo_signed_fault fault = embargo_signed_key_check(signing->certificate);

	if (fault == EMBARGO_SIGNED_COUNTS)
		fault = embargo_signed_usage_check(signing->certificate, true);
	if (fault == EMBARGO_SIGNED_COUNTS &&
	    X509_cmp_current_time(X509_get0_notAfter(signing->certificate)) < 0)
		return refuse(diagnostic, -EBADMSG, "sign with a valid one",
			      "the certificate has expired");
	if (fault == EMBARGO_SIGNED_COUNTS &&
	    X509_cmp_current_time(X509_get0_notBefore(signing->certificate)) > 0)
		return refuse(diagnostic, -EBADMSG, "sign with a valid one, or correct the clock",
			      "the certificate is not valid yet");
	if (fault == EMBARGO_SIGNED_COUNTS)
		return 0;
	embargo_diagnostic_remedy(diagnostic, "%s", embargo_signed_fault_remedy(fault));
	return embargo_diagnostic_what(diagnostic, -EBADMSG, "the signer %s",
				       embargo_signed_fault_text(fault));
}

int embargo_signing_open(const char *key, size_t key_size, const char *certificates, size_t size,
			 int (*ask)(void *context, char *buffer, int size), void *context,
			 struct embargo_signing **signing, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_signing) struct embargo_signing *made = calloc(1, sizeof(*made));
	const struct question question = { ask, context };
	int error;

	if (!made)
		return -ENOMEM;
	error = take_key(made, key, key_size, &question, diagnostic);
	if (!error)
		error = take_certificates(made, certificates, size, diagnostic);
	if (!error)
		error = check_use(made, diagnostic);
	if (!error)
		*signing = TAKE_PTR(made);
	return error;
}

/* Others may be added to a signature over these bytes alone, and each key but once. */
static int check_former(const struct embargo_signing *signing, CMS_ContentInfo *cms,
			const void *content, size_t length, struct embargo_diagnostic *diagnostic)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

	if (sk_CMS_SignerInfo_num(signers) == EMBARGO_SIGNED_SIGNERS)
		return refuse(diagnostic, -E2BIG, "have it signed by those who must",
			      "has 16 signers already");
	for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
		CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);

		if (embargo_signed_content_check(signer, content, length) ==
		    EMBARGO_SIGNED_OTHER_CONTENT)
			return refuse(diagnostic, -EBADMSG,
				      "restore the file that was signed, or sign without --add",
				      "is a signature over another file than this");
		if (!CMS_SignerInfo_cert_cmp(signer, signing->certificate))
			return refuse(diagnostic, -EEXIST, "leave it as it is",
				      "this certificate has signed it already");
	}
	return 0;
}

/* Those that are not in it yet: two signers often have the same authority. */
static bool add_certificates(CMS_ContentInfo *cms, STACK_OF(X509) * certificates)
{
	_cleanup_(free_certificates) STACK_OF(X509) *present = CMS_get1_certs(cms);
	bool is_done = true;

	for (int i = 0; i < sk_X509_num(certificates) && is_done; i++) {
		X509 *certificate = sk_X509_value(certificates, i);
		bool is_there = false;

		for (int j = 0; j < sk_X509_num(present) && !is_there; j++)
			is_there = !X509_cmp(sk_X509_value(present, j), certificate);
		is_done = is_there || CMS_add1_cert(cms, certificate) == 1;
	}
	return is_done;
}

/* CMS_final() would sign anew for every signer, and has the key of one. */
static bool add_signer(const struct embargo_signing *signing, CMS_ContentInfo *cms,
		       const void *content, size_t length)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size;
	CMS_SignerInfo *signer =
		CMS_add1_signer(cms, signing->certificate, signing->key, EVP_sha256(),
				CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_NOCERTS);

	return signer && EVP_Digest(content, length, digest, &size, EVP_sha256(), NULL) == 1 &&
	       CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
					   OBJ_nid2obj(NID_pkcs7_data), -1) == 1 &&
	       CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
					   digest, (int)size) == 1 &&
	       CMS_SignerInfo_sign(signer) == 1;
}

static int encode(CMS_ContentInfo *cms, uint8_t **der, size_t *size,
		  struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	uint8_t *bytes = NULL;
	int length = i2d_CMS_ContentInfo(cms, NULL);
	unsigned char *at;

	if (length <= 0)
		return refuse(diagnostic, -EIO, "try again", "the signature cannot be encoded");
	if (length > (int)EMBARGO_SIGNED_SIZE)
		return refuse(diagnostic, -E2BIG, "leave certificates out that are no signer's",
			      "the signature has more than 256 KiB");
	at = bytes = malloc((size_t)length);
	if (!bytes)
		return -ENOMEM;
	i2d_CMS_ContentInfo(cms, &at);
	*size = (size_t)length;
	*der = TAKE_PTR(bytes);
	return 0;
}

int embargo_signing_sign(const struct embargo_signing *signing, const void *content, size_t length,
			 const void *former, size_t former_size, uint8_t **der, size_t *size,
			 struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_cms) CMS_ContentInfo *cms = NULL;
	int error = 0;

	if (former)
		error = embargo_signed_decode(former, former_size, &cms, diagnostic);
	else
		cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_DETACHED | CMS_BINARY | CMS_PARTIAL);
	if (error)
		return error;
	if (!cms)
		return -ENOMEM;
	if (former)
		error = check_former(signing, cms, content, length, diagnostic);
	if (error)
		return error;
	if (!add_certificates(cms, signing->others->certificates) ||
	    !add_signer(signing, cms, content, length))
		return refuse(diagnostic, -EIO, "sign with openssl cms -sign, which tells more",
			      "cannot be signed with this key");
	return encode(cms, der, size, diagnostic);
}
