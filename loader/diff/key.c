// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of what rules name: one for all spellings of a thing, and for it alone. */
#include "loader/diff/key.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/policy/words.h"
#include "loader/text/name.h"

/* A value as it is compared, so that two spellings of it are one. */
static void write_value(FILE *key, const struct embargo_identity *identity,
			const struct embargo_value *value)
{
	char folded[EMBARGO_ATTRIBUTE_SIZE * 4];
	const char *text = value->text;

	fprintf(key, "%s=", embargo_attribute_name(value->attribute));
	switch (embargo_attribute_comparison(identity->kind, value->attribute)) {
	case EMBARGO_COMPARISON_NAME:
		if (embargo_name_fold(text, strlen(text), folded, sizeof(folded)) > 0)
			text = folded;
		fputs(text, key);
		break;
	case EMBARGO_COMPARISON_HEX:
	case EMBARGO_COMPARISON_TAIL:
		for (text += strspn(text, "0"); *text; text++)
			fputc(tolower((unsigned char)*text), key);
		break;
	case EMBARGO_COMPARISON_MODULE:
		for (; *text; text++)
			fputc(*text == '-' ? '_' : *text, key);
		break;
	default:
		fputs(text, key);
	}
	fputc('\n', key);
}

static int by_attribute(const void *left, const void *right)
{
	const struct embargo_value *a = left, *b = right;

	if (a->attribute != b->attribute)
		return a->attribute < b->attribute ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* "KIND\nATTRIBUTE=VALUE\n...", the attributes in one order; a path and a digest as they are. */
static void write_key(FILE *key, const struct embargo_pattern *pattern)
{
	struct embargo_value values[EMBARGO_ATTRIBUTES_MAX];
	const struct embargo_identity *identity = &pattern->identity;
	char text[EMBARGO_PATTERN_TEXT];
	size_t count = identity->count < ARRAY_SIZE(values) ? identity->count : ARRAY_SIZE(values);

	fprintf(key, "%s\n", embargo_identity_kind_name(identity->kind));
	if (!count || identity->kind == EMBARGO_IDENTITY_PATH ||
	    identity->kind == EMBARGO_IDENTITY_SHA256) {
		fputs(embargo_pattern_value(pattern, text), key);
		return;
	}
	memcpy(values, identity->values, count * sizeof(values[0]));
	qsort(values, count, sizeof(values[0]), by_attribute);
	for (size_t i = 0; i < count; i++)
		write_value(key, identity, &values[i]);
}

/* What a stream has gathered, in the arena; NULL: no memory. Closes it. */
static const char *take(struct embargo_arena *arena, FILE *stream, char **text, size_t *size)
{
	_cleanup_free_
	char *gathered = NULL;
	int failed = fclose(stream);

	gathered = *text;
	return failed ? NULL : embargo_arena_copy(arena, gathered, *size);
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

const char *embargo_key_make(struct embargo_arena *arena, const struct embargo_pattern *pattern)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	write_key(stream, pattern);
	return take(arena, stream, &text, &size);
}

/* In an order of its own: how they are written is no part of it. */
const char *embargo_key_of_all(struct embargo_arena *arena, const struct embargo_rule *rule)
{
	_cleanup_free_
	const char **keys = calloc(rule->pattern_count, sizeof(*keys));
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	for (size_t i = 0; keys && i < rule->pattern_count; i++) {
		keys[i] = embargo_key_make(arena, &rule->patterns[i]);
		if (!keys[i])
			return NULL;
	}
	stream = keys ? open_memstream(&text, &size) : NULL;
	if (!stream)
		return NULL;
	qsort(keys, rule->pattern_count, sizeof(*keys), by_text);
	fputs("all\n", stream);
	for (size_t i = 0; i < rule->pattern_count; i++)
		fprintf(stream, "%s\n\n", keys[i]);
	return take(arena, stream, &text, &size);
}

const char *embargo_key_words(struct embargo_arena *arena, const struct embargo_rule *rule,
			      const struct embargo_pattern *pattern)
{
	char value[EMBARGO_PATTERN_TEXT], *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	if (pattern)
		fputs(embargo_pattern_value(pattern, value), stream);
	for (size_t i = 0; !pattern && i < rule->pattern_count; i++)
		fprintf(stream, "%s%s %s", i ? " and " : "",
			embargo_identity_kind_name(rule->patterns[i].identity.kind),
			embargo_pattern_value(&rule->patterns[i], value));
	if (rule->require_valid)
		fputs(", by a valid signature", stream);
	return take(arena, stream, &text, &size);
}
