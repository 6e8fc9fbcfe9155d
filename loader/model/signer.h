/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signers of kernel modules, in the form in which the kernel half looks them up. */
#ifndef EMBARGO_MODEL_SIGNER_H
#define EMBARGO_MODEL_SIGNER_H

#include <stddef.h>

#include "bpf/abi.h"

/*
 * Makes the key of a rule from texts, each of which may be NULL: a common name of the issuer, and a
 * serial or a key id in hex of either case. Errors: -EINVAL for no text at all, for a key id beside
 * another (a SignerInfo has the one or the other), and for what is no hex; -ENOTSUP for what the
 * kernel half cannot hold (a name that has other characters than ASCII once it is folded, or is too
 * long; a number that is too long): such a rule needs user space.
 */
int embargo_signer_key_make(const char *issuer_cn, const char *serial, const char *key_id,
			    struct embargo_signer_key *key);

/* "module-signer issuer-cn=..., serial=..." of the parts that @key has, into @text; returns its
 * length. */
#define EMBARGO_SIGNER_TEXT 256

size_t embargo_signer_key_format(const struct embargo_signer_key *key,
				 char text[static EMBARGO_SIGNER_TEXT]);

/* And back; -EINVAL for what that does not write. */
int embargo_signer_key_parse(const char *text, struct embargo_signer_key *key);

#endif
