/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which documents this host believes: those that enough of its anchors' signers have signed. */
#ifndef EMBARGO_TRUST_TRUST_H
#define EMBARGO_TRUST_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"
#include "loader/crypto/signed.h"

#define EMBARGO_TRUST_FOLDER "/etc/embargo/trust.d"

/* The signature over NAME stands in NAME.p7s. */
#define EMBARGO_TRUST_SUFFIX ".p7s"

/* More signers than that are a parliament; the setting `signatures-required` has this bound. */
#define EMBARGO_TRUST_REQUIRED_MOST 8

struct embargo_trust;

/*
 * Reads all *.pem of @folder: certificates, which are the anchors, and revocation lists. A folder
 * that is not there has none. @required signers with different keys are demanded, one where it is
 * 0; but where there is no anchor a number is refused, or else whoever removes the anchors removes
 * the demand with them. A file that is broken is refused, and all with it. Errors, with
 * @diagnostic: -EBADMSG, -E2BIG, -ENOKEY a number without an anchor, -ENOMEM, or of reading.
 */
int embargo_trust_read(const char *folder, uint64_t required, struct embargo_trust **trust,
		       struct embargo_diagnostic *diagnostic);
void embargo_trust_free(struct embargo_trust *trust);

/* Is there an anchor? Without one nothing is demanded, and nothing can be shown. */
bool embargo_trust_has_anchors(const struct embargo_trust *trust);

uint64_t embargo_trust_required(const struct embargo_trust *trust);

/*
 * Holds the @length bytes at @content, read from @file, against the signature beside @file or,
 * where there is none, beside @real, which @file may be a link to. @signers (may be NULL) gets who
 * signed, also where that is not enough. Errors, with @diagnostic: -EKEYREJECTED the bytes are not
 * to be believed, -ENOMEM, or of reading the signature.
 */
int embargo_trust_verify(const struct embargo_trust *trust, const char *file, const char *real,
			 const void *content, size_t length, struct embargo_signed *signers,
			 struct embargo_diagnostic *diagnostic);

/* The same, against the @size bytes of a signature at @der. */
int embargo_trust_verify_with(const struct embargo_trust *trust, const void *der, size_t size,
			      const void *content, size_t length, struct embargo_signed *signers,
			      struct embargo_diagnostic *diagnostic);

#endif
