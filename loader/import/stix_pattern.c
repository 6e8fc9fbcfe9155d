// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading STIX patterns: by descent, over a bounded text, without building a tree. */
#include "loader/import/stix_pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loader/import/stix_token.h"
#include "loader/model/digest.h"

/*
 *   pattern     = followed
 *   followed    = either { "FOLLOWEDBY" either }
 *   either      = both { "OR" both }
 *   both        = observation { "AND" observation }
 *   observation = ( "[" any "]" | "(" followed ")" ) { qualifier }
 *   qualifier   = "WITHIN" number "SECONDS" | "REPEATS" number "TIMES" | "START" t "STOP" t
 *   any         = all { "OR" all }
 *   all         = test { "AND" test }
 *   test        = path [ "NOT" ] operator value | "EXISTS" path | [ "NOT" ] "(" any ")"
 */

/* What part of a pattern comes to; its digests are those from `first` on. */
enum meaning {
	MEANING_UNKNOWN,
	MEANING_DIGESTS, /* each of them is enough */
	MEANING_SIZE,	 /* the file has this size */
	MEANING_CONTENT, /* other digests, which say no more than a SHA-256 does */
	MEANING_OTHER,
};

struct part {
	enum meaning meaning;
	size_t first;
	uint64_t size;
};

struct parser {
	struct embargo_stix_text text;
	unsigned int depth;
	struct embargo_stix_files *files;
};

static int refuse(struct parser *parser, int error, const char *what)
{
	return embargo_stix_text_refuse(&parser->text, error, what);
}

static int next(struct parser *parser)
{
	return embargo_stix_text_next(&parser->text);
}

static bool is_word(const struct parser *parser, const char *word)
{
	return embargo_stix_token_is(&parser->text.token, EMBARGO_STIX_WORD, word);
}

static bool is_mark(const struct parser *parser, const char *mark)
{
	return embargo_stix_token_is(&parser->text.token, EMBARGO_STIX_MARK, mark);
}

static int expect(struct parser *parser, const char *mark, const char *what)
{
	return is_mark(parser, mark) ? next(parser) : refuse(parser, -EINVAL, what);
}

/* What a path is about: the content of a file, by SHA-256 or by another digest, or its size. */
static enum meaning path_meaning(const struct embargo_stix_token *path)
{
	static const char *const ours[] = { "file:hashes.'SHA-256'", "file:hashes.'SHA256'",
					    "file:hashes.SHA256" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (embargo_stix_token_is(path, EMBARGO_STIX_WORD, ours[i]))
			return MEANING_DIGESTS;
	if (embargo_stix_token_is(path, EMBARGO_STIX_WORD, "file:size"))
		return MEANING_SIZE;
	if (path->length > 12 && !strncasecmp(path->text, "file:hashes.", 12))
		return MEANING_CONTENT;
	return MEANING_OTHER;
}

/* Takes the value that the parser is at for a SHA-256. */
static int add_digest(struct parser *parser)
{
	struct embargo_stix_files *files = parser->files;
	struct embargo_digest digest;

	if (parser->text.token.kind != EMBARGO_STIX_STRING ||
	    embargo_digest_parse(parser->text.token.text, parser->text.token.length, &digest))
		return refuse(parser, -EINVAL, "a SHA-256 that is not 64 hexadecimal characters");
	if (files->count == EMBARGO_STIX_DIGESTS)
		return refuse(parser, -E2BIG, "more than 65536 digests");
	if (files->count == files->room) {
		size_t room = files->room ? 2 * files->room : 8;
		struct embargo_stix_digest *grown =
			reallocarray(files->digests, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		files->digests = grown;
		files->room = room;
	}
	files->digests[files->count++] = (struct embargo_stix_digest) { .digest = digest };
	return 0;
}

/* A number, in decimal and not below 0. */
static bool parse_size(const struct embargo_stix_token *token, uint64_t *size)
{
	uint64_t value = 0;

	if (token->kind != EMBARGO_STIX_WORD || !token->length || token->length > 18)
		return false;
	for (size_t i = 0; i < token->length; i++) {
		if (!isdigit((unsigned char)token->text[i]))
			return false;
		value = 10 * value + (uint64_t)(token->text[i] - '0');
	}
	*size = value;
	return true;
}

/* One value. t'...', b'...' and h'...' are a word with a string right behind. */
static int skip_value(struct parser *parser)
{
	bool is_typed;
	int error;

	if (parser->text.token.kind != EMBARGO_STIX_WORD &&
	    parser->text.token.kind != EMBARGO_STIX_STRING)
		return refuse(parser, -EINVAL, "a value is missing");
	is_typed = parser->text.token.kind == EMBARGO_STIX_WORD && parser->text.token.length == 1 &&
		   strchr("tbh", parser->text.token.text[0]) &&
		   parser->text.at < parser->text.length &&
		   parser->text.text[parser->text.at] == '\'';
	error = next(parser);
	return !error && is_typed ? next(parser) : error;
}

/* ( value , value ... ) after IN, each taken for a digest where @takes. */
static int take_set(struct parser *parser, bool takes)
{
	int error = expect(parser, "(", "IN without a set");

	while (!error) {
		error = takes ? add_digest(parser) : 0;
		if (!error)
			error = skip_value(parser);
		if (error || !is_mark(parser, ","))
			break;
		error = next(parser);
	}
	return error ? error : expect(parser, ")", "a set that is not closed");
}

static bool is_operator(const struct parser *parser)
{
	static const char *const marks[] = { "=", "==", "!=", "<>", "<", ">", "<=", ">=" };
	static const char *const words[] = { "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (is_mark(parser, marks[i]))
			return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word(parser, words[i]))
			return true;
	return false;
}

/* path [NOT] operator value; the parser is behind the path. */
static int take_comparison(struct parser *parser, enum meaning meaning, struct part *part)
{
	bool is_negated = is_word(parser, "NOT"), is_equal, is_set;
	int error = is_negated ? next(parser) : 0;

	if (error)
		return error;
	if (!is_operator(parser))
		return refuse(parser, -EINVAL, "an operator is missing");
	is_set = is_word(parser, "IN");
	is_equal = !is_negated && (is_mark(parser, "=") || is_mark(parser, "==") || is_set);
	parser->files->others += meaning == MEANING_CONTENT && is_equal;
	part->meaning = is_equal ? meaning : MEANING_OTHER;
	error = next(parser);
	if (error)
		return error;
	if (is_set) {
		if (part->meaning == MEANING_SIZE) /* several sizes are no size */
			part->meaning = MEANING_OTHER;
		return take_set(parser, part->meaning == MEANING_DIGESTS);
	}
	if (part->meaning == MEANING_DIGESTS)
		error = add_digest(parser);
	else if (part->meaning == MEANING_SIZE && !parse_size(&parser->text.token, &part->size))
		part->meaning = MEANING_OTHER;
	return error ? error : skip_value(parser);
}

static int take_any(struct parser *parser, struct part *part);

/* Digests from @first on are not enough by themselves. */
static void narrow(struct parser *parser, size_t first)
{
	parser->files->narrowed += parser->files->count - first;
	parser->files->count = first;
}

static int enter(struct parser *parser)
{
	if (parser->depth == EMBARGO_STIX_DEPTH)
		return refuse(parser, -E2BIG, "brackets nested more than 32 deep");
	parser->depth++;
	return next(parser);
}

static int take_brackets(struct parser *parser, bool is_negated, struct part *part)
{
	int error = enter(parser);

	if (!error)
		error = take_any(parser, part);
	if (!error)
		error = expect(parser, ")", "a bracket that is not closed");
	parser->depth--;
	if (!error && is_negated) {
		narrow(parser, part->first);
		part->meaning = MEANING_OTHER;
	}
	return error;
}

static int take_test(struct parser *parser, struct part *part)
{
	bool is_negated = is_word(parser, "NOT"), exists;
	enum meaning meaning;
	int error = is_negated ? next(parser) : 0;

	*part = (struct part) { .first = parser->files->count };
	if (error)
		return error;
	if (is_mark(parser, "("))
		return take_brackets(parser, is_negated, part);
	exists = is_word(parser, "EXISTS");
	if (exists && (error = next(parser)))
		return error;
	if (parser->text.token.kind != EMBARGO_STIX_WORD ||
	    !memchr(parser->text.token.text, ':', parser->text.token.length))
		return refuse(parser, -EINVAL, "a path is missing, like file:hashes.'SHA-256'");
	meaning = is_negated || exists ? MEANING_OTHER : path_meaning(&parser->text.token);
	part->meaning = meaning;
	error = next(parser);
	return error || exists ? error : take_comparison(parser, meaning, part);
}

/* False where one of the digests has another size already: no file has two. */
static bool put_size(struct embargo_stix_files *files, size_t first, uint64_t size)
{
	for (size_t i = first; i < files->count; i++) {
		struct embargo_stix_digest *digest = &files->digests[i];

		if (digest->sized && digest->size != size)
			return false;
		digest->sized = size > 0;
		digest->size = size;
	}
	return true;
}

/* Both have to hold. The digests of @right follow those of @left. */
static void join_and(struct parser *parser, struct part *left, const struct part *right)
{
	struct embargo_stix_files *files = parser->files;
	const struct part *size = left->meaning == MEANING_SIZE ? left : right;
	bool has_digests = left->meaning == MEANING_DIGESTS || right->meaning == MEANING_DIGESTS;
	bool has_size = size->meaning == MEANING_SIZE;

	if (left->meaning == MEANING_OTHER || right->meaning == MEANING_OTHER ||
	    left->meaning == right->meaning) {
		/* Two other digests of a file, or two conditions of any sort. */
		if (left->meaning == MEANING_CONTENT && right->meaning == MEANING_CONTENT)
			return;
		narrow(parser, left->first);
		left->meaning = MEANING_OTHER;
		return;
	}
	if (has_digests && has_size && !put_size(files, left->first, size->size)) {
		narrow(parser, left->first);
		left->meaning = MEANING_OTHER;
		return;
	}
	left->size = has_size ? size->size : 0;
	left->meaning = has_digests ? MEANING_DIGESTS : MEANING_SIZE;
}

static int take_all(struct parser *parser, struct part *part)
{
	struct part right;
	int error = take_test(parser, part);

	while (!error && is_word(parser, "AND")) {
		error = next(parser);
		if (!error)
			error = take_test(parser, &right);
		if (!error)
			join_and(parser, part, &right);
	}
	return error;
}

/* Either is enough: the digests of both. What is left out of it leaves no more than there was. */
static void join_or(struct part *left, const struct part *right)
{
	if (left->meaning == MEANING_DIGESTS || right->meaning == MEANING_DIGESTS)
		left->meaning = MEANING_DIGESTS;
	else if (left->meaning != MEANING_CONTENT || right->meaning != MEANING_CONTENT)
		left->meaning = MEANING_OTHER;
}

static int take_any(struct parser *parser, struct part *part)
{
	struct part right;
	int error = take_all(parser, part);

	while (!error && is_word(parser, "OR")) {
		error = next(parser);
		if (!error)
			error = take_all(parser, &right);
		if (!error)
			join_or(part, &right);
	}
	return error;
}

/* WITHIN 5 SECONDS, REPEATS 3 TIMES, START t'...' STOP t'...': all of them ask for more. */
static int take_qualifiers(struct parser *parser, size_t first)
{
	int error = 0;

	while (!error) {
		bool is_span = is_word(parser, "START");

		if (!is_span && !is_word(parser, "WITHIN") && !is_word(parser, "REPEATS"))
			break;
		narrow(parser, first);
		error = next(parser);
		if (!error)
			error = skip_value(parser);
		if (!error && parser->text.token.kind != EMBARGO_STIX_WORD)
			return refuse(parser, -EINVAL, "a qualifier that is cut off");
		if (!error)
			error = next(parser); /* SECONDS, TIMES or STOP */
		if (!error && is_span)
			error = skip_value(parser);
	}
	return error;
}

static int take_followed(struct parser *parser);

static int take_observation(struct parser *parser)
{
	size_t first = parser->files->count;
	struct part part;
	int error;

	if (is_mark(parser, "[")) {
		error = enter(parser);
		if (!error)
			error = take_any(parser, &part);
		if (!error)
			error = expect(parser, "]", "a bracket that is not closed");
	} else if (is_mark(parser, "(")) {
		error = enter(parser);
		if (!error)
			error = take_followed(parser);
		if (!error)
			error = expect(parser, ")", "a bracket that is not closed");
	} else {
		return refuse(parser, -EINVAL, "no bracket at the beginning of an observation");
	}
	parser->depth--;
	return error ? error : take_qualifiers(parser, first);
}

/* Observations that have to be made together: none of them is enough. */
static int take_both(struct parser *parser)
{
	size_t first = parser->files->count;
	int error = take_observation(parser);

	while (!error && is_word(parser, "AND")) {
		error = next(parser);
		if (!error)
			error = take_observation(parser);
		if (!error)
			narrow(parser, first);
	}
	return error;
}

static int take_either(struct parser *parser)
{
	int error = take_both(parser);

	while (!error && is_word(parser, "OR")) {
		error = next(parser);
		if (!error)
			error = take_both(parser);
	}
	return error;
}

static int take_followed(struct parser *parser)
{
	size_t first = parser->files->count;
	int error = take_either(parser);

	while (!error && is_word(parser, "FOLLOWEDBY")) {
		error = next(parser);
		if (!error)
			error = take_either(parser);
		if (!error)
			narrow(parser, first);
	}
	return error;
}

int embargo_stix_pattern_read(const char *pattern, struct embargo_stix_files *files,
			      struct embargo_stix_fault *fault)
{
	struct embargo_stix_files read = { .digests = NULL };
	struct parser parser = {
		.text = { .text = pattern, .length = strlen(pattern), .fault = fault },
		.files = &read,
	};
	int error = next(&parser);

	if (!error)
		error = take_followed(&parser);
	if (!error && parser.text.token.kind != EMBARGO_STIX_END)
		error = refuse(&parser, -EINVAL, "something behind the end");
	if (error)
		embargo_stix_files_free(&read);
	else
		*files = read;
	return error;
}

void embargo_stix_files_free(struct embargo_stix_files *files)
{
	free(files->digests);
	*files = (struct embargo_stix_files) { .digests = NULL };
}
