// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of STIX patterns. */
#include "loader/import/stix_token.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

int embargo_stix_text_refuse(struct embargo_stix_text *text, int error, const char *what)
{
	*text->fault = (struct embargo_stix_fault) {
		.at = text->token.text ? (size_t)(text->token.text - text->text) : 0,
		.what = what,
	};
	return error;
}

/* A path may have quoted parts: file:hashes.'SHA-256', and indices: [0], [*]. */
static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_-:.+", c));
}

static int take_string(struct embargo_stix_text *text, size_t at)
{
	for (size_t i = at + 1; i < text->length; i++) {
		if (text->text[i] == '\\') {
			i++;
		} else if (text->text[i] == '\'') {
			text->token.length = i - at - 1;
			text->at = i + 1;
			return 0;
		}
	}
	return embargo_stix_text_refuse(text, -EINVAL, "a string that is not closed");
}

/* The end of a word with all that belongs to it, or its beginning where a quote is not closed. */
static size_t end_of_word(const struct embargo_stix_text *text, size_t at)
{
	size_t end = at;
	bool is_path = false;

	while (end < text->length) {
		char c = text->text[end];

		if (is_of_word(c)) {
			is_path |= c == ':';
			end++;
		} else if (c == '\'' && end > at && text->text[end - 1] == '.') {
			const char *close =
				memchr(text->text + end + 1, '\'', text->length - end - 1);

			if (!close)
				return at;
			end = (size_t)(close - text->text) + 1;
		} else if (c == '[' && is_path) {
			const char *close = memchr(text->text + end, ']', text->length - end);

			if (!close)
				return at;
			end = (size_t)(close - text->text) + 1;
		} else {
			break;
		}
	}
	return end;
}

int embargo_stix_text_next(struct embargo_stix_text *text)
{
	static const char *const doubles[] = { "!=", "<>", "<=", ">=", "==" };
	size_t at = text->at;
	char c;

	while (at < text->length && isspace((unsigned char)text->text[at]))
		at++;
	text->token = (struct embargo_stix_token) { EMBARGO_STIX_END, text->text + at, 0 };
	text->at = at;
	if (at == text->length)
		return 0;
	c = text->text[at];
	if (c == '\'') {
		text->token =
			(struct embargo_stix_token) { EMBARGO_STIX_STRING, text->text + at + 1, 0 };
		return take_string(text, at);
	}
	if (is_of_word(c)) {
		text->token.kind = EMBARGO_STIX_WORD;
		text->token.length = end_of_word(text, at) - at;
		if (!text->token.length)
			return embargo_stix_text_refuse(text, -EINVAL,
							"a path with a quote or a bracket open");
		text->at = at + text->token.length;
		return 0;
	}
	if (!strchr("[](),=<>!", c) || !c)
		return embargo_stix_text_refuse(text, -EINVAL,
						"a character that has no place in a pattern");
	text->token.kind = EMBARGO_STIX_MARK;
	text->token.length = 1;
	for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++)
		if (at + 1 < text->length && !memcmp(text->text + at, doubles[i], 2))
			text->token.length = 2;
	text->at = at + text->token.length;
	return 0;
}

bool embargo_stix_token_is(const struct embargo_stix_token *token, enum embargo_stix_kind kind,
			   const char *text)
{
	return token->kind == kind && token->length == strlen(text) &&
	       !strncasecmp(token->text, text, token->length);
}
