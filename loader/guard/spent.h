/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a token leaves behind, so that none comes back when the clock is set back or the host boots
 * anew. */
#ifndef EMBARGO_GUARD_SPENT_H
#define EMBARGO_GUARD_SPENT_H

#include "bpf/guard_abi.h"
#include "loader/base/paths.h"
#include "loader/guard/token.h"

/* The latest end of all tokens that opened the guard of this host, as digits: seconds since 1970.
 */
#define EMBARGO_SPENT_FILE EMBARGO_STATE_FOLDER "/tokens"

/*
 * What the clock says for tokens, ns since 1970: never less than what policies are judged by, nor
 * than what a token of this boot was judged by, and the time since.
 */
int64_t embargo_spent_now(const struct embargo_guard_tokens *tokens);

/*
 * Refuses (-EPERM) a token that may have opened the guard in another boot: it ends no later than
 * one that did (@kept, ns; INT64_MIN: none), and this boot has seen none that ends as late. The
 * clock does not tell: a boot may begin with any.
 */
int embargo_spent_check(const struct embargo_token *token,
			const struct embargo_guard_tokens *tokens, int64_t kept,
			struct embargo_diagnostic *diagnostic);

/* The end that is kept; INT64_MIN where there is none, or nothing that could be read. */
int64_t embargo_spent_read(const char *file);

/* Keeps the end of @token, where it is later than @kept, and adds it to @tokens, as judged at @now.
 * Errors: of writing. */
int embargo_spent_keep(const char *file, const struct embargo_token *token, int64_t kept,
		       int64_t now, struct embargo_guard_tokens *tokens,
		       struct embargo_diagnostic *diagnostic);

#endif
