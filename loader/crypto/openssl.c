// SPDX-License-Identifier: GPL-2.0-or-later
/* Readying OpenSSL. */
#include "loader/crypto/openssl.h"

#include <errno.h>
#include <openssl/crypto.h>

int embargo_openssl_prepare(void)
{
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 ? 0 : -EIO;
}
