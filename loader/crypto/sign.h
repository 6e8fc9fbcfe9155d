/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making detached signatures over documents of ours, as loader/crypto/signed.h takes them. */
#ifndef EMBARGO_CRYPTO_SIGN_H
#define EMBARGO_CRYPTO_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"

/* A key and the certificates that go with it, in PEM: the signer's and those in between. */
#define EMBARGO_SIGNING_FILE (1u << 20) /* bytes of either file */

struct embargo_signing;

/*
 * The private key in @key, whose passphrase @ask writes into @buffer where there is one (it returns
 * its length, or -errno), and of @certificates the one with that key; the others go into the
 * signature. A certificate that no host would believe is refused now. Errors, with @diagnostic:
 * -ENOKEY the key is not to be had, -EBADMSG the certificates are wrong, -E2BIG, -ENOMEM.
 */
int embargo_signing_open(const char *key, size_t key_size, const char *certificates, size_t size,
			 int (*ask)(void *context, char *buffer, int size), void *context,
			 struct embargo_signing **signing, struct embargo_diagnostic *diagnostic);
void embargo_signing_close(struct embargo_signing *signing);

/*
 * Signs @content now. To the signers of @former (@former_size bytes; NULL: none), which must have
 * signed the same bytes, this one is added. The caller frees @der. Errors, with @diagnostic: as
 * embargo_signed_verify(), -EEXIST this key has signed already, -EIO.
 */
int embargo_signing_sign(const struct embargo_signing *signing, const void *content, size_t length,
			 const void *former, size_t former_size, uint8_t **der, size_t *size,
			 struct embargo_diagnostic *diagnostic);

#endif
