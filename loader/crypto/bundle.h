/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates and revocation lists in PEM: those that an administrator has put into a folder. */
#ifndef EMBARGO_CRYPTO_BUNDLE_H
#define EMBARGO_CRYPTO_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"

/*
 * Who may sign a fleet's policies fits a page. A revocation list grows with the years of its
 * authority: the largest public ones have some 10 MiB, those of code signing below one.
 */
#define EMBARGO_BUNDLE_CERTIFICATES 256
#define EMBARGO_BUNDLE_REVOCATIONS  256
#define EMBARGO_BUNDLE_FILE	    (16u << 20) /* bytes of one file */

struct embargo_bundle;

/* Errors: -ENOMEM. */
int embargo_bundle_new(struct embargo_bundle **bundle);
void embargo_bundle_free(struct embargo_bundle *bundle);

/*
 * Adds each CERTIFICATE and each X509 CRL of @pem; text between them is passed over. Errors, with
 * @diagnostic: -EBADMSG for a block that is broken or something else, or where there is none;
 * -E2BIG; -ENOMEM. What stood before it was added then.
 */
int embargo_bundle_add(struct embargo_bundle *bundle, const char *pem, size_t size,
		       struct embargo_diagnostic *diagnostic);

size_t embargo_bundle_certificates(const struct embargo_bundle *bundle);

#endif
