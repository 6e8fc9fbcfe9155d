// SPDX-License-Identifier: GPL-2.0-or-later
/* A document's signature as a whole: its form, and how many of its signers count. */
#include "loader/crypto/signed.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/signed_form.h"

static const struct {
	const char *text, *remedy;
} faults[] = {
	[EMBARGO_SIGNED_UNKNOWN] = { "was not looked at", "look at it again" },
	[EMBARGO_SIGNED_COUNTS] = { "counts", "" },
	[EMBARGO_SIGNED_NO_CERTIFICATE] = { "has no certificate in the signature",
					    "sign without -nocerts" },
	[EMBARGO_SIGNED_WEAK_DIGEST] = { "signed by a digest weaker than SHA-256",
					 "sign with -md sha256" },
	[EMBARGO_SIGNED_NO_ATTRIBUTES] = { "signed without signed attributes",
					   "sign without -noattr" },
	[EMBARGO_SIGNED_OTHER_CONTENT] = { "signed another file than this",
					   "restore the file that was signed, or have this one "
					   "signed" },
	[EMBARGO_SIGNED_NO_TIME] = { "does not say when it signed",
				     "sign with a signingTime attribute" },
	[EMBARGO_SIGNED_BROKEN] = { "did not make this signature: it does not verify by the key of "
				    "the certificate",
				    "have the file signed again" },
	[EMBARGO_SIGNED_WEAK_KEY] = { "has a key that is too weak, or of a kind not known here",
				      "sign with RSA of 2048 bits or more, or with EC" },
	[EMBARGO_SIGNED_STRANGER] = { "leads to no anchor of this host",
				      "have the file signed by somebody whom the host trusts, or, "
				      "if it shall trust this one, install the certificate" },
	[EMBARGO_SIGNED_EXPIRED] = { "signed when its certificate, or one above it, had expired",
				     "have the file signed with a valid certificate" },
	[EMBARGO_SIGNED_NOT_YET_VALID] = { "signed when its certificate, or one above it, was not "
					   "valid yet",
					   "have the file signed with a valid certificate" },
	[EMBARGO_SIGNED_NO_ISSUER] = { "has a certificate issued by one that may not issue any",
				       "have a certificate issued by an authority" },
	[EMBARGO_SIGNED_WEAK_CHAIN] = { "has a certificate above it signed by a weak digest or key",
					"have it issued anew, with SHA-256" },
	[EMBARGO_SIGNED_WRONG_KEY_USAGE] = { "has a certificate that is not for signatures",
					     "sign with one whose keyUsage has digitalSignature" },
	[EMBARGO_SIGNED_WRONG_USAGE] = { "has a certificate that is not for signing code",
					 "sign with one whose extendedKeyUsage has codeSigning" },
	[EMBARGO_SIGNED_REVOKED] = { "has a certificate that was revoked, or one above it was",
				     "have the file signed with another" },
	[EMBARGO_SIGNED_REPEATED] = { "has the key of a signer that counts already",
				      "have somebody else sign too" },
};
static_assert(ARRAY_SIZE(faults) == EMBARGO_SIGNED_FAULTS, "each fault has its text");

const char *embargo_signed_fault_text(enum embargo_signed_fault fault)
{
	return faults[fault].text;
}

const char *embargo_signed_fault_remedy(enum embargo_signed_fault fault)
{
	return faults[fault].remedy;
}

static void free_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

static void free_certificates(STACK_OF(X509) * *certificates)
{
	sk_X509_pop_free(*certificates, X509_free);
}

static int refuse(struct embargo_diagnostic *diagnostic, int error, const char *remedy,
		  const char *what)
{
	ERR_clear_error();
	embargo_diagnostic_remedy(diagnostic, "%s", remedy);
	return embargo_diagnostic_what(diagnostic, error, "%s", what);
}

static bool begins(const char *bytes, size_t size, const char *with)
{
	return size >= strlen(with) && !memcmp(bytes, with, strlen(with));
}

/* What it is that OpenSSL did not take. */
static int refuse_bytes(const void *der, size_t size, struct embargo_diagnostic *diagnostic)
{
	const unsigned char *at = der;
	int tag = 0, class;
	long length;

	if (!size)
		return refuse(diagnostic, -EBADMSG, "sign the file again", "is empty");
	if (begins(der, size, "-----BEGIN"))
		return refuse(diagnostic, -EBADMSG,
			      "make DER of it: openssl cms -cmsout -inform PEM -outform DER",
			      "is PEM, where DER is expected");
	if (begins(der, size, "MIME-Version:"))
		return refuse(diagnostic, -EBADMSG,
			      "make DER of it: openssl cms -cmsout -inform SMIME -outform DER",
			      "is S/MIME, where DER is expected");
	ERR_clear_error();
	if ((ASN1_get_object(&at, &length, &tag, &class, (long)size) & 0x80) &&
	    tag == V_ASN1_SEQUENCE && ERR_GET_REASON(ERR_peek_last_error()) == ASN1_R_TOO_LONG)
		return refuse(diagnostic, -EBADMSG, "copy it anew, or sign the file again",
			      "is cut off");
	return refuse(diagnostic, -EBADMSG, "sign the file again", "is no CMS signature");
}

/* Of all that CMS can be, a detached signature over plain data. */
static int check_form(CMS_ContentInfo *cms, struct embargo_diagnostic *diagnostic)
{
	const ASN1_OBJECT *type = CMS_get0_eContentType(cms);
	ASN1_OCTET_STRING **content;
	STACK_OF(CMS_SignerInfo) * signers;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed || !type)
		return refuse(diagnostic, -EBADMSG, "sign the file: openssl cms -sign",
			      "is CMS, but no signature");
	content = CMS_get0_content(cms);
	if (content && *content)
		return refuse(diagnostic, -EBADMSG,
			      "sign without -nodetach: what is read is the file beside it",
			      "has its content within");
	if (OBJ_obj2nid(type) != NID_pkcs7_data)
		return refuse(diagnostic, -EBADMSG, "sign without -econtent_type",
			      "is over content of another type than data");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) <= 0)
		return refuse(diagnostic, -EBADMSG, "sign the file again", "has no signer");
	if (sk_CMS_SignerInfo_num(signers) > EMBARGO_SIGNED_SIGNERS)
		return refuse(diagnostic, -E2BIG, "have it signed by those who must",
			      "has more than 16 signers");
	return 0;
}

int embargo_signed_decode(const void *der, size_t size, CMS_ContentInfo **cms,
			  struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_cms) CMS_ContentInfo *read = NULL;
	const unsigned char *at = der;
	int error;

	read = d2i_CMS_ContentInfo(NULL, &at, (long)size);
	if (!read)
		return refuse_bytes(der, size, diagnostic);
	if (at != (const unsigned char *)der + size)
		return refuse(diagnostic, -EBADMSG, "copy it anew, or sign the file again",
			      "has more bytes after the signature");
	error = check_form(read, diagnostic);
	if (!error)
		*cms = TAKE_PTR(read);
	return error;
}

static bool has_counted(const struct embargo_signed *result, size_t index)
{
	const struct embargo_signed_signer *signer = &result->signers[index];

	for (size_t i = 0; i < index; i++)
		if (result->signers[i].fault == EMBARGO_SIGNED_COUNTS &&
		    !memcmp(&result->signers[i].key, &signer->key, sizeof(signer->key)))
			return true;
	return false;
}

int embargo_signed_verify(const struct embargo_bundle *anchors, const void *der, size_t size,
			  const void *content, size_t length, struct embargo_signed *result,
			  struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_cms) CMS_ContentInfo *cms = NULL;
	_cleanup_(free_certificates) STACK_OF(X509) *certificates = NULL;
	struct embargo_signed_work work = { .anchors = anchors,
					    .content = content,
					    .length = length };
	STACK_OF(CMS_SignerInfo) * signers;
	int error = embargo_signed_decode(der, size, &cms, diagnostic);

	if (error)
		return error;
	certificates = CMS_get1_certs(cms);
	if (sk_X509_num(certificates) > EMBARGO_SIGNED_CERTIFICATES)
		return refuse(diagnostic, -E2BIG, "leave the certificates of its signers in it",
			      "has more than 64 certificates");
	work.certificates = certificates;
	signers = CMS_get0_SignerInfos(cms);
	*result = (struct embargo_signed) { .count = (size_t)sk_CMS_SignerInfo_num(signers) };
	for (size_t i = 0; i < result->count; i++) {
		struct embargo_signed_signer *signer = &result->signers[i];

		embargo_signed_signer_check(&work, sk_CMS_SignerInfo_value(signers, (int)i),
					    signer);
		if (signer->fault == EMBARGO_SIGNED_COUNTS && has_counted(result, i))
			signer->fault = EMBARGO_SIGNED_REPEATED;
		result->counting += signer->fault == EMBARGO_SIGNED_COUNTS;
	}
	ERR_clear_error();
	return 0;
}
