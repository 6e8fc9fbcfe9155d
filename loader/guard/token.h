/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens: signed permission to open the guard of one host for a while. */
#ifndef EMBARGO_GUARD_TOKEN_H
#define EMBARGO_GUARD_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"
#include "loader/crypto/signed.h"
#include "loader/policy/policy.h"

/*
 * A token is YAML, signed as policies are, with its signature in TOKEN.p7s:
 *
 *   unlock: guard
 *   machine-id: 0123456789abcdef0123456789abcdef
 *   from: 2026-11-22T16:00:00Z
 *   until: 2026-11-22T18:00:00Z
 *   ticket: OPS-17
 *   reason: a new policy is put in place
 */

/* Who works for longer than a day on one host gets another. */
#define EMBARGO_TOKEN_HOURS_MOST 24

/* Bytes of a token: it is six lines. */
#define EMBARGO_TOKEN_SIZE (16 << 10)

struct embargo_token {
	char machine[33];
	struct embargo_moment from, until;
	char ticket[EMBARGO_NAME_SIZE];
	char reason[256];
};

/*
 * Reads the @size bytes of @text; @file is what a diagnostic calls it. Nothing is believed of it
 * that was not verified before. Errors: as of policies.
 */
int embargo_token_read(const char *file, const char *text, size_t size, struct embargo_token *token,
		       struct embargo_diagnostic *diagnostic);

/* Refuses (-EPERM) a token that is not for @machine, or not for @now (ns since 1970). */
int embargo_token_check(const struct embargo_token *token, const char *machine, int64_t now,
			struct embargo_diagnostic *diagnostic);

/* What is sent to the daemon: the token, a NUL, and its signature. */
#define EMBARGO_TOKEN_MESSAGE (EMBARGO_TOKEN_SIZE + 1 + EMBARGO_SIGNED_SIZE)

/*
 * Verifies the hostile message of @size bytes by the anchors of this host, and opens the guard; by
 * who is marked. @token gets what it says. Errors: -EKEYREJECTED, -EPERM, as of reading.
 */
int embargo_token_open(const char *message, size_t size, struct embargo_token *token,
		       struct embargo_diagnostic *diagnostic);

#endif
