/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an Authenticode signature signs: SpcIndirectDataContent, the digest of a file. */
#ifndef EMBARGO_CRYPTO_AUTHENTICODE_H
#define EMBARGO_CRYPTO_AUTHENTICODE_H

#include "loader/crypto/cms.h"

/*
 * Microsoft, "Windows Authenticode Portable Executable Signature Format":
 *
 *	SpcIndirectDataContent ::= SEQUENCE {
 *		data          SpcAttributeTypeAndOptionalValue,  -- page hashes are in here
 *		messageDigest DigestInfo }                       -- of the file
 *
 * Is its digest that of @file (the bytes of a PE file that count)? NO also where the content is
 * something else or broken: such a signature says nothing of the file. UNKNOWN for an algorithm
 *that OpenSSL has not.
 */
enum embargo_validity embargo_authenticode_check(const struct embargo_cms *cms,
						 struct embargo_covered *file);

#endif
