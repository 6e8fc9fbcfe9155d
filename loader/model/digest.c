// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256 digests as people write them down. */
#include "loader/model/digest.h"

#include <errno.h>
#include <string.h>

#include "loader/base/hex.h"

int embargo_digest_parse(const char *text, size_t length, struct embargo_digest *digest)
{
	if (length != EMBARGO_DIGEST_HEX)
		return -EINVAL;
	return embargo_hex_parse(text, digest->bytes, sizeof(digest->bytes));
}

bool embargo_digest_is_of_nothing(const struct embargo_digest *digest)
{
	static const __u8 nothing[EMBARGO_SHA256_SIZE] = {
		0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
		0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
		0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
	};

	return !memcmp(digest->bytes, nothing, sizeof(nothing));
}
