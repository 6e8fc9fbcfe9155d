// SPDX-License-Identifier: GPL-2.0-or-later
/* Digests of covered bytes, by OpenSSL. */
#include "loader/crypto/covered.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "loader/base/cleanup.h"

_Static_assert(EMBARGO_COVERED_DIGEST == EVP_MAX_MD_SIZE, "room for every digest");

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

int embargo_covered_digest(struct embargo_covered *covered, int algorithm, const uint8_t **digest,
			   unsigned int *size)
{
	_cleanup_(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	const EVP_MD *method = EVP_get_digestbynid(algorithm);
	size_t at = 0;

	while (at < covered->made && covered->digests[at].algorithm != algorithm)
		at++;
	if (at == covered->made) {
		if (!context)
			return -ENOMEM;
		if (!method || at == EMBARGO_COVERED_DIGESTS ||
		    EVP_DigestInit_ex(context, method, NULL) != 1)
			return -ENOTSUP;
		for (size_t i = 0; i < covered->count; i++)
			if (EVP_DigestUpdate(context, covered->extents[i].bytes,
					     covered->extents[i].size) != 1)
				return -ENOTSUP;
		if (EVP_DigestFinal_ex(context, covered->digests[at].bytes,
				       &covered->digests[at].size) != 1)
			return -ENOTSUP;
		covered->digests[at].algorithm = algorithm;
		covered->made++;
	}
	*digest = covered->digests[at].bytes;
	*size = covered->digests[at].size;
	return 0;
}
