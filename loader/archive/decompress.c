// SPDX-License-Identifier: GPL-2.0-or-later
/* Decompressing one file, by libarchive. */
#include "loader/archive/decompress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/file.h"

#define CHUNK (64 * 1024)

struct source {
	int fd;
	uint64_t at;
	char chunk[CHUNK];
};

bool embargo_decompress_detect(const void *head, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(head, size);

	return embargo_cursor_starts(&cursor, "\x1f\x8b", 2) ||
	       embargo_cursor_starts(&cursor,
				     "\xfd"
				     "7zXZ\0",
				     6) ||
	       embargo_cursor_starts(&cursor, "\x28\xb5\x2f\xfd", 4);
}

/* Reads by pread(2), so that the caller's offset in the file stays where it is. */
static la_ssize_t read_source(struct archive *archive, void *context, const void **buffer)
{
	struct source *source = context;
	ssize_t got = embargo_file_pread(source->fd, source->chunk, CHUNK, source->at);

	if (got < 0) {
		archive_set_error(archive, -got, "read");
		return -1;
	}
	source->at += got;
	*buffer = source->chunk;
	return got;
}

static void free_archive(struct archive **archive)
{
	archive_read_free(*archive);
}

/* Anything but ARCHIVE_OK would be a filter that starts a program of the host's. */
static int add_filters(struct archive *archive)
{
	if (archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(archive) != ARCHIVE_OK)
		return -EOPNOTSUPP;
	return 0;
}

static int append(char **data, size_t *used, size_t *room, const void *block, size_t size)
{
	if (size > EMBARGO_DECOMPRESS_MAX - *used)
		return -EFBIG;
	if (size > *room - *used) {
		size_t wider = 2 * (*used + size);
		char *larger = realloc(*data, wider);

		if (!larger)
			return -ENOMEM;
		*data = larger;
		*room = wider;
	}
	memcpy(*data + *used, block, size);
	*used += size;
	return 0;
}

static int read_blocks(struct archive *archive, bool (*wanted)(const void *, size_t), char **data,
		       size_t *size)
{
	_cleanup_free_
	char *content = NULL;
	size_t used = 0, room = 0, length;
	bool is_asked = false;
	const void *block;
	la_int64_t offset;
	int status, error;

	for (;;) {
		status = archive_read_data_block(archive, &block, &length, &offset);
		if (status != ARCHIVE_OK && status != ARCHIVE_EOF)
			return is_asked ? -EBADMSG : -ENODATA;
		if (status == ARCHIVE_OK && length) {
			error = append(&content, &used, &room, block, length);
			if (error)
				return error;
		}
		if (!is_asked && (used >= EMBARGO_DECOMPRESS_HEAD || status == ARCHIVE_EOF)) {
			is_asked = true;
			if (!used || !wanted(content, used))
				return -ENODATA;
		}
		if (status == ARCHIVE_EOF)
			break;
	}
	*data = TAKE_PTR(content);
	*size = used;
	return 0;
}

int embargo_decompress_file(int fd, bool (*wanted)(const void *head, size_t size), char **data,
			    size_t *size)
{
	_cleanup_(free_archive) struct archive *archive = archive_read_new();
	_cleanup_free_
	struct source *source = calloc(1, sizeof(*source));
	struct archive_entry *entry;
	int error;

	if (!archive || !source)
		return -ENOMEM;
	error = add_filters(archive);
	if (error)
		return error;
	source->fd = fd;
	if (archive_read_open2(archive, source, NULL, read_source, NULL, NULL) != ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return -ENODATA;
	return read_blocks(archive, wanted, data, size);
}
