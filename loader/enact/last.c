// SPDX-License-Identifier: GPL-2.0-or-later
/* The compiled tables in a file: a head, each array as it lies in memory, a sum over all. */
#include "loader/enact/last.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/file.h"
#include "loader/base/replace.h"
#include "loader/crypto/sha256.h"
#include "loader/model/sound.h"

static const char magic[8] = { 'e', 'm', 'b', 'a', 'r', 'g', 'o', '\n' };

/* One array: where its pointer and its count stand, and how large an entry is. */
struct part {
	size_t array;
	size_t count;
	uint32_t size;
};

#define PART(of, number)                                                                  \
	{                                                                                 \
		offsetof(struct embargo_last, of), offsetof(struct embargo_last, number), \
			sizeof(*((struct embargo_last *)NULL)->of)                        \
	}

static const struct part parts[] = {
	PART(policies, policy_count),
	PART(tables.digests, tables.digest_count),
	PART(tables.sizes, tables.size_count),
	PART(tables.paths, tables.path_count),
	PART(tables.signers, tables.signer_count),
	PART(tables.timelines, tables.timeline_count),
	PART(tables.reasons, tables.reason_count),
	PART(tables.waived, tables.waived_count),
	PART(tables.waiver_sets, tables.waiver_set_count),
	PART(tables.waivers, tables.waiver_count),
	PART(tables.parts, tables.part_count),
};

void embargo_last_free(struct embargo_last *last)
{
	embargo_tables_free(&last->tables);
	free(last->policies);
	*last = (struct embargo_last) { .policies = NULL };
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void put(FILE *out, const void *bytes, size_t size)
{
	if (size)
		fwrite(bytes, 1, size, out);
}

static void put_part(FILE *out, const struct embargo_last *last, const struct part *part)
{
	const void *array;
	size_t count;

	memcpy(&array, (const char *)last + part->array, sizeof(array));
	memcpy(&count, (const char *)last + part->count, sizeof(count));
	put(out, &part->size, sizeof(part->size));
	put(out, &(uint64_t) { count }, sizeof(uint64_t));
	put(out, array, count * part->size);
}

static void put_all(FILE *out, const struct embargo_last *last)
{
	const uint32_t sizes[] = { EMBARGO_LAST_FORMAT, sizeof(last->tables.head) };
	char version[EMBARGO_LAST_VERSION] = EMBARGO_VERSION;

	put(out, magic, sizeof(magic));
	put(out, &sizes[0], sizeof(sizes[0]));
	put(out, version, sizeof(version));
	put(out, &last->made, sizeof(last->made));
	put(out, &last->issued, sizeof(last->issued));
	put(out, &last->rule_count, sizeof(last->rule_count));
	put(out, &sizes[1], sizeof(sizes[1]));
	put(out, &last->tables.head, sizeof(last->tables.head));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		put_part(out, last, &parts[i]);
}

int embargo_last_write(const char *file, const struct embargo_last *last)
{
	_cleanup_free_
	char *bytes = NULL;
	struct embargo_digest sum;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);
	int error;

	if (!out)
		return -ENOMEM;
	put_all(out, last);
	error = fflush(out) || ferror(out) ? -ENOMEM : embargo_sha256_memory(bytes, size, &sum);
	if (!error)
		put(out, &sum, sizeof(sum));
	if (fclose(out) && !error)
		error = -ENOMEM;
	if (!error && size > EMBARGO_LAST_BYTES)
		error = -EFBIG;
	return error ? error : embargo_file_replace(file, bytes, size, 0600);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void take(struct embargo_cursor *cursor, void *value, size_t size)
{
	const uint8_t *bytes = embargo_cursor_take(cursor, size);

	if (bytes)
		memcpy(value, bytes, size);
}

/* -EPROTO: an entry of another size is another program's. */
static int take_part(struct embargo_cursor *cursor, struct embargo_last *last,
		     const struct part *part)
{
	uint32_t size = 0;
	uint64_t entries = 0;
	size_t count;
	void *array;

	take(cursor, &size, sizeof(size));
	take(cursor, &entries, sizeof(entries));
	if (cursor->failed)
		return -EBADMSG;
	if (size != part->size)
		return -EPROTO;
	if (entries > embargo_cursor_left(cursor) / size)
		return -EBADMSG;
	count = (size_t)entries;
	array = calloc(count + 1, size);
	if (!array)
		return -ENOMEM;
	take(cursor, array, count * size);
	memcpy((char *)last + part->array, &array, sizeof(array));
	memcpy((char *)last + part->count, &count, sizeof(count));
	return 0;
}

static int take_all(struct embargo_cursor *cursor, struct embargo_last *last)
{
	char version[EMBARGO_LAST_VERSION] = "", ours[EMBARGO_LAST_VERSION] = EMBARGO_VERSION;
	uint32_t format = 0, size = 0;
	int error = 0;

	take(cursor, &format, sizeof(format));
	take(cursor, version, sizeof(version));
	if (cursor->failed)
		return -EBADMSG;
	if (format != EMBARGO_LAST_FORMAT || memcmp(version, ours, sizeof(version)) != 0)
		return -EPROTO;
	take(cursor, &last->made, sizeof(last->made));
	take(cursor, &last->issued, sizeof(last->issued));
	take(cursor, &last->rule_count, sizeof(last->rule_count));
	take(cursor, &size, sizeof(size));
	if (!cursor->failed && size != sizeof(last->tables.head))
		return -EPROTO;
	take(cursor, &last->tables.head, sizeof(last->tables.head));
	for (size_t i = 0; !error && i < ARRAY_SIZE(parts); i++)
		error = take_part(cursor, last, &parts[i]);
	return error ? error : cursor->failed || embargo_cursor_left(cursor) ? -EBADMSG : 0;
}

/* What is looked up by number is there, and what is printed ends: who walks the tables relies on
 * it. */
static bool is_sound(const struct embargo_last *last)
{
	for (size_t i = 0; i < last->policy_count; i++)
		if (!memchr(last->policies[i].id, 0, sizeof(last->policies[i].id)))
			return false;
	return embargo_tables_sound(&last->tables);
}

/* The sum comes first: what is damaged is told as that, whatever it looks like. */
static int parse(const char *bytes, size_t size, struct embargo_last *last)
{
	struct embargo_digest sum;
	struct embargo_cursor cursor;
	int error;

	if (size < sizeof(magic) + sizeof(sum) || memcmp(bytes, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	size -= sizeof(sum);
	error = embargo_sha256_memory(bytes, size, &sum);
	if (error)
		return error;
	if (memcmp(bytes + size, &sum, sizeof(sum)) != 0)
		return -EBADMSG;
	cursor = embargo_cursor_make(bytes, size);
	embargo_cursor_seek(&cursor, sizeof(magic));
	error = take_all(&cursor, last);
	return error ? error : is_sound(last) ? 0 : -EBADMSG;
}

static int refuse(const char *file, int error, struct embargo_diagnostic *diagnostic)
{
	char aside[PATH_MAX];

	embargo_diagnostic_remedy(diagnostic,
				  "`embargo load`, or start embargo.service: it is kept anew");
	if (error == -ENOENT)
		return embargo_diagnostic_what(diagnostic, error,
					       "no generation is kept in %.200s yet", file);
	if (error == -EPROTO)
		return embargo_diagnostic_what(
			diagnostic, error, "%.200s is of another version of this program", file);
	if (error != -EBADMSG)
		return embargo_diagnostic_what(diagnostic, error, "cannot read %.200s: %s", file,
					       embargo_file_error(error));
	snprintf(aside, sizeof(aside), "%s" EMBARGO_LAST_DAMAGED, file);
	return embargo_diagnostic_what(diagnostic, error, "%.200s is damaged%s", file,
				       rename(file, aside)
					       ? ", and nothing of it is used"
					       : ", and set aside as " EMBARGO_LAST_DAMAGED
						 "; nothing of it is used");
}

int embargo_last_read(const char *file, struct embargo_last *last,
		      struct embargo_diagnostic *diagnostic)
{
	struct embargo_last read = { .policies = NULL };
	_cleanup_free_
	char *bytes = NULL;
	size_t size = 0;
	int error = embargo_file_read(file, EMBARGO_LAST_BYTES, &bytes, &size);

	if (!error)
		error = parse(bytes, size, &read);
	if (error) {
		embargo_last_free(&read);
		return refuse(file, error, diagnostic);
	}
	*last = read;
	return 0;
}
