/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures that the kernel knows: at the end of modules and images, and of fs-verity. */
#ifndef EMBARGO_IDENTITY_APPENDED_H
#define EMBARGO_IDENTITY_APPENDED_H

#include "loader/identity/signature.h"

/*
 * The kernel's include/linux/module_signature.h:
 *
 *	content | SignedData (CMS, detached) | struct module_signature | "~Module signature
 *appended~\n" 0 algo, hash: 0 2 id_type: 2 is PKCS #7 3 signer_len, key_id_len, 3 bytes of padding:
 *0 8 size of the SignedData, big-endian
 *
 * The kernel reads the last one. sign-file appends to whatever is there, so a module that a
 * distribution signs anew still has the first signature, over the content alone.
 */
#define EMBARGO_APPENDED_MAX 4

/*
 * The built-in signature of fs-verity (Documentation/filesystems/fsverity.rst): @signature,
 * detached, over
 *
 *	"FSVerity" | algorithm, 16 bits | size of the digest, 16 bits | digest      little-endian
 *
 * of which @digest is what the kernel measured. Adds x509; faults are at 0, for this lies in no
 *byte of the file.
 */
void embargo_verity_signature_read(const uint8_t *signature, size_t size, const uint8_t *digest,
				   size_t digest_size, struct embargo_specimen *specimen);

/* The same for one whose digest is not at hand: whether it is right stays unknown. A signer that
 * the specimen has already is not added. */
void embargo_verity_signer_read(const struct embargo_signature *signature,
				struct embargo_specimen *specimen);

#endif
