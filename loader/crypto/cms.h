/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures in CMS (RFC 5652) and PKCS #7 1.5 (RFC 2315): who signed, and do they verify. */
#ifndef EMBARGO_CRYPTO_CMS_H
#define EMBARGO_CRYPTO_CMS_H

#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"
#include "loader/crypto/covered.h"
#include "loader/model/identity.h"

/*
 *	ContentInfo        what is signed            who signed
 *	  SignedData  ->     type, content or none     SignerInfo...
 *	    certificates...                              issuer and serial, or key id
 *	                                                 signed attributes: digest of the content
 *	                                                 signature
 *	                                                 unsigned attributes: nested signatures,
 *times
 *
 * Bounds. Real signatures have 2 to 30 KiB, and up to ten certificates with those of the time
 * stamps; with page hashes (36 bytes for each 4 KiB of the file) the largest file that is read has
 * 2.3 MiB. A hostile one makes OpenSSL take up to 220 MiB while it is decoded.
 */
#define EMBARGO_CMS_SIZE_MAX	     (4u << 20)
#define EMBARGO_CMS_CERTIFICATES_MAX 64
#define EMBARGO_CMS_SIGNERS_MAX	     8
/* Certificates with the same issuer and serial; all but one of them are forged. */
#define EMBARGO_CMS_CANDIDATES_MAX 4

struct embargo_cms;

/*
 * Reads the SignedData at the beginning of @der; what follows it there is padding. The caller frees
 * @cms. Errors: -EBADMSG where it is none, -E2BIG beyond a bound, -ENOMEM.
 */
int embargo_cms_parse(const uint8_t *der, size_t size, struct embargo_cms **cms);
void embargo_cms_free(struct embargo_cms *cms);

size_t embargo_cms_signer_count(const struct embargo_cms *cms);

/* How many of its certificates cannot be read; their signers are told by issuer and serial alone.
 */
size_t embargo_cms_broken_count(const struct embargo_cms *cms);

/*
 * The content, without its tag: good while @cms is. A detached signature has none: -ENODATA.
 * @type gets the number of its type in dots, cut where it does not fit.
 */
int embargo_cms_content(const struct embargo_cms *cms, struct embargo_extent *content, char *type,
			size_t type_size);

/*
 * The @index'th further signature within the unsigned attributes of any signer
 * (1.3.6.1.4.1.311.2.4.1, Authenticode's way of signing twice); -ENODATA where there are no more.
 * Time stamps stand there too: whoever gave the time did not sign the file, and is left alone.
 */
int embargo_cms_nested(const struct embargo_cms *cms, size_t index, struct embargo_extent *nested);

/* What the signature should be over. */
struct embargo_cms_claim {
	struct embargo_covered *covered;  /* of a detached signature; NULL: the content within */
	bool is_elsewhere;		  /* what it is over is not at hand */
	enum embargo_validity content_ok; /* whether the content within is the file's */
};

/* The identities to add. */
enum embargo_cms_form {
	EMBARGO_CMS_CERTIFICATE, /* x509 */
	EMBARGO_CMS_MODULE,	 /* module-signer, and x509 where the certificate is known */
	EMBARGO_CMS_BOTH,	 /* both in each case */
};

/*
 * Adds signer @index to @identities.
 *
 * x509: subject, cn, o, subject-serial, issuer, issuer-cn, serial, sha256, key-id of the
 * certificate. Of several certificates with the name and number that the signer has, the one whose
 * key made the signature; where none is there, as module-signer. module-signer: issuer, issuer-cn
 * and serial, or key-id, as the SignerInfo has them. Names come as UTF-8 from any string of ASN.1;
 * one that is no text (a NUL or another control character in it, wrong UTF-8) or does not fit is
 * left out whole, and @flaw says so; its
 * @what is empty otherwise.
 *
 * digest_ok: the content is what it should be, and the signature over it (and over its attributes)
 * verifies by the certificate's key. Unknown where the certificate or the algorithm is not known.
 * chain_ok: see loader/crypto/chain.h; does not ask whether the signature verifies.
 *
 * Errors: -E2BIG where the identities are full, -ENOMEM; nothing is added then.
 */
int embargo_cms_signer_add(const struct embargo_cms *cms, size_t index,
			   const struct embargo_cms_claim *claim, enum embargo_cms_form form,
			   struct embargo_identities *identities, struct embargo_diagnostic *flaw);

#endif
