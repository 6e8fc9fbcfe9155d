/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Detached signatures over documents of ours: CMS (RFC 5652), verified by OpenSSL's own CMS and
 * X.509. */
#ifndef EMBARGO_CRYPTO_SIGNED_H
#define EMBARGO_CRYPTO_SIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/crypto/bundle.h"

/*
 *	ContentInfo
 *	  SignedData
 *	    content: id-data, and none within
 *	    certificates of the signers, and those in between
 *	    SignerInfo...           each counts or does not, whatever the others do
 *	      issuer and serial, or key id
 *	      signed attributes:    contentType, messageDigest, signingTime: all demanded
 *	      signature
 *
 * Bounds. A signer with a chain of three RSA certificates takes 6 KiB: sixteen have 100. It is read
 * as root before anything of it is known, and OpenSSL takes up to 60 times as much while decoding.
 */
#define EMBARGO_SIGNED_SIZE	    (256u << 10)
#define EMBARGO_SIGNED_SIGNERS	    16 /* twice what a host can demand */
#define EMBARGO_SIGNED_CERTIFICATES 64
#define EMBARGO_SIGNED_DEPTH	    8	 /* certificates between a signer and its anchor */
#define EMBARGO_SIGNED_NAME	    256	 /* bytes shown of a certificate's name */
#define EMBARGO_SIGNED_KEY_BITS	    2048 /* of RSA: 112 bits of security, as NIST SP 800-57 asks */

/* Why a signer does not count, the first reason that was met. */
enum embargo_signed_fault {
	EMBARGO_SIGNED_UNKNOWN,
	EMBARGO_SIGNED_COUNTS,
	EMBARGO_SIGNED_NO_CERTIFICATE,
	EMBARGO_SIGNED_WEAK_DIGEST,
	EMBARGO_SIGNED_NO_ATTRIBUTES,
	EMBARGO_SIGNED_OTHER_CONTENT,
	EMBARGO_SIGNED_NO_TIME,
	EMBARGO_SIGNED_BROKEN,
	EMBARGO_SIGNED_WEAK_KEY,
	EMBARGO_SIGNED_STRANGER,
	EMBARGO_SIGNED_EXPIRED,
	EMBARGO_SIGNED_NOT_YET_VALID,
	EMBARGO_SIGNED_NO_ISSUER,
	EMBARGO_SIGNED_WEAK_CHAIN,
	EMBARGO_SIGNED_WRONG_KEY_USAGE,
	EMBARGO_SIGNED_WRONG_USAGE,
	EMBARGO_SIGNED_REVOKED,
	EMBARGO_SIGNED_REPEATED,
	EMBARGO_SIGNED_FAULTS,
};

/* What is wrong, as the end of a sentence about the signer, and what to do about it. */
const char *embargo_signed_fault_text(enum embargo_signed_fault fault);
const char *embargo_signed_fault_remedy(enum embargo_signed_fault fault);

struct embargo_signed_signer {
	enum embargo_signed_fault fault;
	char subject[EMBARGO_SIGNED_NAME]; /* "" where the certificate is not known */
	char issuer[EMBARGO_SIGNED_NAME];
	char serial[2 * 64 + 1]; /* lower-case hex */
	bool is_dated;
	int64_t at;		   /* when it says that it signed, ns since 1970 */
	struct embargo_digest key; /* a number of the key itself, whatever certificate it is in */
};

struct embargo_signed {
	struct embargo_signed_signer signers[EMBARGO_SIGNED_SIGNERS];
	size_t count;
	size_t counting; /* signers that count: as many different keys */
};

/*
 * Holds the signature @der, of EMBARGO_SIGNED_SIZE bytes at most, against @content, and each of its
 * signers against @anchors.
 *
 * A signer counts when its signature over the content verifies (SHA-256 or stronger; RSA of 2048
 * bits or more, or EC), and its certificate is an anchor or leads to one, all certificates in
 * between were valid at the time that the signer says, allow this use, and no revocation list of
 * @anchors names one of them. The clock of this host is not asked: a certificate that runs out
 * takes no policy out of force, and a clock without a battery none either. When a certificate was
 * revoked is not asked: the time of signing is the signer's own word.
 *
 * Errors, with @diagnostic (but for its file): -EBADMSG where it is none, or not in the one form
 * that is taken; -E2BIG beyond a bound; -ENOMEM.
 */
int embargo_signed_verify(const struct embargo_bundle *anchors, const void *der, size_t size,
			  const void *content, size_t length, struct embargo_signed *result,
			  struct embargo_diagnostic *diagnostic);

#endif
