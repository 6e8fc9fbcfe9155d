/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STIX patterns as words, strings and marks, one after the other. */
#ifndef EMBARGO_IMPORT_STIX_TOKEN_H
#define EMBARGO_IMPORT_STIX_TOKEN_H

#include "loader/import/stix_pattern.h"

enum embargo_stix_kind {
	EMBARGO_STIX_UNKNOWN,
	EMBARGO_STIX_END,
	EMBARGO_STIX_WORD,   /* a path, a keyword, true; a number, too */
	EMBARGO_STIX_STRING, /* '...' */
	EMBARGO_STIX_MARK,   /* one of [ ] ( ) , or an operator of one or two characters */
};

struct embargo_stix_token {
	enum embargo_stix_kind kind;
	const char *text; /* in the pattern: of a string without its quotes, with its escapes */
	size_t length;
};

/* A pattern that is gone through; @text need not end in a NUL. */
struct embargo_stix_text {
	const char *text;
	size_t length, at; /* ... of what is behind the token */
	struct embargo_stix_token token;
	struct embargo_stix_fault *fault;
};

/* Moves to the next token; from the last one EMBARGO_STIX_END follows for ever. Errors: -EINVAL,
 * with the fault. */
int embargo_stix_text_next(struct embargo_stix_text *text);

/* Says that something is wrong where the token is; returns @error. */
int embargo_stix_text_refuse(struct embargo_stix_text *text, int error, const char *what);

/* Is the token of this kind, and this text in whatever case? */
bool embargo_stix_token_is(const struct embargo_stix_token *token, enum embargo_stix_kind kind,
			   const char *text);

#endif
