/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenSSL as this program wants it, whatever the host's configuration says. */
#ifndef EMBARGO_CRYPTO_OPENSSL_H
#define EMBARGO_CRYPTO_OPENSSL_H

/*
 * Before anything else asks OpenSSL for anything: its configuration is not read, now or later, and
 * its algorithms are those built into it. What a signature is worth must not depend on the host
 * (some refuse SHA-1, in which old files were signed), nor on OPENSSL_CONF; and processes that may
 * open nothing need nothing opened. Errors: -EIO.
 */
int embargo_openssl_prepare(void);

#endif
