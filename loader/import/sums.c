// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing the output of sha256sum and ClamAV's .hsb: the forms of digest lists, also mixed. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/import/import.h"
#include "loader/policy/list.h"

/* Where the first line begins that is no comment; @size where there is none. */
static size_t skip_comments(const char *bytes, size_t size)
{
	size_t at = 0;

	while (at < size && (bytes[at] == '#' || bytes[at] == '\n' || bytes[at] == '\r')) {
		const char *end = memchr(bytes + at, '\n', size - at);

		at = end ? (size_t)(end - bytes) + 1 : size;
	}
	return at;
}

/*
 * Does the first line begin with the digits of some digest, and is @end what follows? Whether it is
 * of the right sort is for the reader to say.
 */
static bool begins_with_digest(const struct embargo_import_head *head, char end)
{
	size_t at = S_ISREG(head->mode) ? skip_comments(head->bytes, head->size) : head->size;
	size_t digits = 0;

	at += at < head->size && head->bytes[at] == '\\';
	while (at + digits < head->size && isxdigit((unsigned char)head->bytes[at + digits]))
		digits++;
	return digits >= 32 && at + digits < head->size && head->bytes[at + digits] == end;
}

/* Nothing else here begins with comments, so that a head of nothing else is taken for a list, too.
 */
bool embargo_import_is_sums(const struct embargo_import_head *head)
{
	return begins_with_digest(head, ' ') ||
	       (S_ISREG(head->mode) && head->size && head->bytes[0] == '#' &&
		skip_comments(head->bytes, head->size) == head->size);
}

bool embargo_import_is_hsb(const struct embargo_import_head *head)
{
	return begins_with_digest(head, ':');
}

struct sums {
	const struct embargo_import_taker *taker;
	struct embargo_diagnostic *diagnostic;
	uint64_t count;
};

static int take(void *context, const struct embargo_list_entry *line)
{
	struct sums *sums = context;
	const struct embargo_import_entry entry = {
		.digest = line->digest,
		.sized = line->sized,
		.size = line->size,
		.name = line->name,
		.provenance = line->comment,
	};

	sums->count++;
	return sums->taker->entry(sums->taker->context, &entry);
}

int embargo_import_sums(struct embargo_import *import)
{
	struct sums sums = { .taker = import->taker, .diagnostic = import->diagnostic };
	int error;

	embargo_diagnostic_at(import->diagnostic, import->path, 0, 0);
	error = embargo_list_read_file(import->fd, import->path, take, &sums, import->diagnostic);
	if (!error && !sums.count) {
		embargo_diagnostic_remedy(import->diagnostic, "is this the file that you mean?");
		error = embargo_diagnostic_what(import->diagnostic, -EINVAL, "holds no digest");
	}
	return error;
}
