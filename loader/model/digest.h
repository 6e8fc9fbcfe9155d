/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 digests as people write them down. */
#ifndef EMBARGO_MODEL_DIGEST_H
#define EMBARGO_MODEL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

#define EMBARGO_DIGEST_HEX (2 * EMBARGO_SHA256_SIZE)

/* Reads @length characters of hex, of either case; -EINVAL unless they are just one digest. */
int embargo_digest_parse(const char *text, size_t length, struct embargo_digest *digest);

/* The digest of no bytes at all: listing it would name every empty file. */
bool embargo_digest_is_of_nothing(const struct embargo_digest *digest);

#endif
