// SPDX-License-Identifier: GPL-2.0-or-later
/* Comments of a policy: the tree drops them, so they are taken from its text by its lines. */
#include "loader/policy/comment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One line of the text: from @at to @end, without its break; false: the text has ended. */
static bool next_line(const struct embargo_policy *policy, const char **at, const char **end)
{
	const char *stop = policy->text + policy->text_length;

	*at = *end ? *end + 1 : policy->text;
	if (*at >= stop)
		return false;
	*end = memchr(*at, '\n', (size_t)(stop - *at));
	if (!*end)
		*end = stop;
	return true;
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

static bool is_comment(const char *at, const char *end)
{
	at = skip_blanks(at, end);
	return at < end && *at == '#';
}

static bool is_blank(const char *at, const char *end)
{
	return skip_blanks(at, end) == end;
}

/* Adds what the comment says, with one space taken off, to @text (which has the room). */
static size_t add(char *text, size_t used, const char *at, const char *end)
{
	static const char spdx[] = "SPDX-License-Identifier:";

	at = skip_blanks(at, end) + 1;
	at += at < end && *at == ' ';
	while (end > at && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	if ((size_t)(end - at) >= strlen(spdx) && !memcmp(at, spdx, strlen(spdx)))
		return used;
	memcpy(text + used, at, (size_t)(end - at));
	used += (size_t)(end - at);
	text[used++] = '\n';
	return used;
}

/* The comments of the lines @first to before @last, from 1; other lines of them are left out. */
static char *gather(const struct embargo_policy *policy, unsigned int first, unsigned int last)
{
	const char *at, *end = NULL;
	unsigned int line = 0;
	size_t used = 0;
	char *text = malloc(policy->text_length + 2);

	errno = ENOMEM;
	while (text && next_line(policy, &at, &end))
		if (++line >= first && line < last && is_comment(at, end))
			used = add(text, used, at, end);
	if (!text)
		return NULL;
	errno = 0;
	text[used] = '\0';
	if (text[strspn(text, "\n")])
		return text;
	free(text);
	return NULL;
}

char *embargo_comment_head(const struct embargo_policy *policy)
{
	const char *at, *end = NULL;
	unsigned int line = 0;

	while (next_line(policy, &at, &end) && (is_comment(at, end) || is_blank(at, end)))
		line++;
	return gather(policy, 1, line + 1);
}

char *embargo_comment_above(const struct embargo_policy *policy, struct embargo_mark mark)
{
	const char *at, *end = NULL;
	unsigned int line = 0, first = 1;

	while (line + 1 < mark.line && next_line(policy, &at, &end)) {
		line++;
		if (!is_comment(at, end))
			first = line + 1;
	}
	return gather(policy, first, mark.line);
}
