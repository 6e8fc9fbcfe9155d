// SPDX-License-Identifier: GPL-2.0-or-later
/* Packages by libarchive: three readers, each of what the one below it gives. */
#include "loader/archive/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/utf8.h"

#define CHUNK (64 * 1024)

/* Enough for each magic below, and for that of tar at its end. */
#define HEAD 512

#define UNPACK "unpack it where no harm is done, and import the folder"

/*
 * libarchive would try filters upon filters for as long as one fits, each of which may give a
 * thousand times what it takes without ever giving it to us. So each layer has the one filter or
 * format that it is to have, and what the compression gives is counted before anybody looks at it.
 */
enum part {
	PART_OUTER,   /* the package: an ar, or what is behind the headers of an RPM */
	PART_PAYLOAD, /* decompressed */
	PART_FILES,   /* a tar or a cpio */
	PART_COUNT,
};

struct layer {
	struct embargo_members *members;
	struct archive *archive;
	enum part part;
	bool is_primed; /* the head in the buffer has not been given yet */
	size_t used;
	uint8_t buffer[CHUNK]; /* what the layer below gave last */
};

struct embargo_members {
	const struct embargo_members_source *source;
	struct embargo_diagnostic *diagnostic;
	bool is_rpm;
	bool is_done;
	int error;	      /* the first; everything after it has the same */
	uint64_t given, read; /* bytes: of the payload, of the files */
	unsigned int entries, parts;
	char path[EMBARGO_MEMBERS_PATH];
	struct layer layers[PART_COUNT];
};

static const struct compression {
	const char *magic;
	size_t size;
	int filter;
} compressions[] = {
	{ "\x1f\x8b", 2, ARCHIVE_FILTER_GZIP },
	{ "\xfd"
	  "7zXZ\0",
	  6, ARCHIVE_FILTER_XZ },
	{ "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD },
	{ "BZh", 3, ARCHIVE_FILTER_BZIP2 },
	{ "\x5d\0\0", 3, ARCHIVE_FILTER_LZMA },
};

/* The magic of a tar, behind its first header's other fields. */
#define TAR_MAGIC    "ustar"
#define TAR_MAGIC_AT 257

#define CPIO_MAGIC "0707"

/* rpm's own, of packages with files of 4 GiB: their names stand only in the package's header. */
#define STRIPPED_MAGIC "07070X"

__attribute__((format(printf, 4, 5))) static int refuse(struct embargo_members *members, int error,
							const char *remedy, const char *format, ...)
{
	char text[EMBARGO_DIAGNOSTIC_TEXT];
	va_list arguments;

	if (members->error)
		return members->error;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	embargo_utf8_printable(text, members->diagnostic->what, EMBARGO_DIAGNOSTIC_TEXT);
	embargo_diagnostic_remedy(members->diagnostic, "%s", remedy);
	return members->error = error;
}

static const char *name_part(const struct embargo_members *members, enum part part)
{
	static const char *const names[PART_COUNT][2] = {
		[PART_OUTER] = { "its archive", "its headers" },
		[PART_PAYLOAD] = { "its data.tar", "its payload" },
		[PART_FILES] = { "the files in its data.tar", "the files in its payload" },
	};

	return names[part][members->is_rpm];
}

/* libarchive says what it found; where a layer below is the cause, that has been said already. */
static int refuse_layer(struct layer *layer)
{
	const char *said = archive_error_string(layer->archive);

	if (archive_errno(layer->archive) == ENOMEM)
		return refuse(layer->members, -ENOMEM, UNPACK, "%s: more memory than is sensible",
			      name_part(layer->members, layer->part));
	return refuse(layer->members, -EBADMSG,
		      "fetch the package anew, and check its signature before it is imported",
		      "%s: damaged or cut off (%s)", name_part(layer->members, layer->part),
		      said ? said : "no reason given");
}

static int count_bytes(struct embargo_members *members, uint64_t *bytes, size_t size)
{
	*bytes += size;
	if (*bytes <= EMBARGO_MEMBERS_BYTES)
		return 0;
	return refuse(members, -EFBIG, UNPACK, "holds more than %llu GiB",
		      (unsigned long long)(EMBARGO_MEMBERS_BYTES >> 30));
}

/* What the layer below gives, into the buffer behind what is used of it. */
static int fill(struct layer *layer)
{
	struct embargo_members *members = layer->members;
	uint8_t *room = layer->buffer + layer->used;
	const size_t size = CHUNK - layer->used;
	ssize_t got;

	if (members->error)
		return members->error;
	if (layer->part == PART_OUTER) {
		got = members->source->read(members->source->context, room, size);
		if (got < 0)
			return refuse(members, (int)got, "look after the disk",
				      "cannot be read: %s", strerror((int)-got));
	} else {
		got = archive_read_data(layer[-1].archive, room, size);
		if (got < 0)
			return refuse_layer(layer - 1);
	}
	layer->used += (size_t)got;
	return layer->part == PART_FILES ? count_bytes(members, &members->given, (size_t)got) : 0;
}

/* libarchive's side of it: a return of 0 is the end. */
static la_ssize_t give(struct archive *archive, void *context, const void **bytes)
{
	struct layer *layer = context;

	if (!layer->is_primed) {
		layer->used = 0;
		if (fill(layer)) {
			archive_set_error(archive, EIO, "what is below it failed");
			return -1;
		}
	}
	layer->is_primed = false;
	*bytes = layer->buffer;
	return (la_ssize_t)layer->used;
}

/* The first bytes, by which the layer is chosen. */
static int prime(struct layer *layer, struct embargo_cursor *head)
{
	size_t before;
	int error;

	layer->used = 0;
	do {
		before = layer->used;
		error = fill(layer);
		if (error)
			return error;
	} while (layer->used < HEAD && layer->used > before);
	layer->is_primed = true;
	*head = embargo_cursor_make(layer->buffer, layer->used);
	return 0;
}

static int begin_layer(struct embargo_members *members, enum part part, struct embargo_cursor *head)
{
	struct layer *layer = &members->layers[part];

	layer->members = members;
	layer->part = part;
	layer->archive = archive_read_new();
	if (!layer->archive)
		return refuse(members, -ENOMEM, "free some memory", "%s", strerror(ENOMEM));
	return prime(layer, head);
}

/* @set: what libarchive says to the filter and the format of the layer. A warning is that it would
 * start a program for it. */
static int open_layer(struct layer *layer, int set)
{
	if (set != ARCHIVE_OK)
		return refuse(layer->members, -ENOTSUP, UNPACK,
			      "%s: this libarchive cannot read its form",
			      name_part(layer->members, layer->part));
	if (archive_read_open(layer->archive, layer, NULL, give, NULL) != ARCHIVE_OK)
		return refuse_layer(layer);
	return 0;
}

static int next_entry(struct layer *layer, struct archive_entry **entry)
{
	const int status = archive_read_next_header(layer->archive, entry);

	if (layer->members->error)
		return layer->members->error;
	if (status == ARCHIVE_EOF)
		return 0;
	/* A name in a character set that is not ours is a warning, and a name. */
	if (status == ARCHIVE_OK || (status == ARCHIVE_WARN && !layer->members->is_rpm))
		return 1;
	return refuse_layer(layer);
}

/* The one entry of a layer that is a stream of bytes. */
static int enter_stream(struct layer *layer)
{
	struct archive_entry *entry;
	const int found = next_entry(layer, &entry);

	return found ? (found < 0 ? found : 0) : refuse_layer(layer);
}

static int open_rpm(struct layer *outer)
{
	int error =
		open_layer(outer, archive_read_append_filter(outer->archive, ARCHIVE_FILTER_RPM) |
					  archive_read_support_format_raw(outer->archive));

	return error ? error : enter_stream(outer);
}

static bool is_data(const char *name)
{
	static const char data[] = "data.tar";

	return name && !strncmp(name, data, strlen(data)) &&
	       (!name[strlen(data)] || name[strlen(data)] == '.');
}

/* Goes on to the data.tar of a DEB. Returns 1, 0 where there is none, or -errno. */
static int find_data(struct layer *outer)
{
	struct archive_entry *entry;
	int found;

	while ((found = next_entry(outer, &entry)) > 0) {
		if (++outer->members->parts > EMBARGO_MEMBERS_PARTS)
			return refuse(outer->members, -EFBIG, "fetch the package anew",
				      "its archive: more than %d members", EMBARGO_MEMBERS_PARTS);
		if (is_data(archive_entry_pathname(entry)))
			return 1;
	}
	return found;
}

static int open_deb(struct layer *outer)
{
	int found = open_layer(outer, archive_read_support_format_ar(outer->archive));

	if (!found)
		found = find_data(outer);
	else
		return found;
	if (!found)
		return refuse(outer->members, -EBADMSG, "fetch the package anew",
			      "its archive: without a data.tar");
	return found < 0 ? found : 0;
}

static int open_outer(struct embargo_members *members)
{
	struct layer *outer = &members->layers[PART_OUTER];
	struct embargo_cursor head;
	int error = begin_layer(members, PART_OUTER, &head);

	if (error)
		return error;
	members->is_rpm = embargo_cursor_starts(&head, "\xed\xab\xee\xdb", 4);
	if (members->is_rpm)
		return open_rpm(outer);
	if (embargo_cursor_starts(&head, "!<arch>\ndebian-binary", 21))
		return open_deb(outer);
	return refuse(members, -EBADMSG, "name a .deb or an .rpm", "is no Debian or RPM package");
}

static bool is_plain(struct embargo_cursor head)
{
	if (embargo_cursor_starts(&head, CPIO_MAGIC, strlen(CPIO_MAGIC)))
		return true;
	embargo_cursor_seek(&head, TAR_MAGIC_AT);
	return embargo_cursor_starts(&head, TAR_MAGIC, strlen(TAR_MAGIC));
}

static int open_payload(struct embargo_members *members)
{
	struct layer *layer = &members->layers[PART_PAYLOAD];
	struct embargo_cursor head;
	int error = begin_layer(members, PART_PAYLOAD, &head), filter = -1;

	if (error)
		return error;
	for (size_t i = 0; i < ARRAY_SIZE(compressions); i++)
		if (embargo_cursor_starts(&head, compressions[i].magic, compressions[i].size))
			filter = compressions[i].filter;
	if (filter < 0 && head.size && !is_plain(head))
		return refuse(members, -ENOTSUP, UNPACK,
			      "%s: compressed by a method that is not known here",
			      name_part(members, PART_PAYLOAD));
	error = open_layer(layer,
			   (filter < 0 ? ARCHIVE_OK
				       : archive_read_append_filter(layer->archive, filter)) |
				   archive_read_support_format_raw(layer->archive));
	return error ? error : enter_stream(layer);
}

static int open_files(struct embargo_members *members)
{
	struct layer *layer = &members->layers[PART_FILES];
	struct embargo_cursor head;
	int error = begin_layer(members, PART_FILES, &head);

	if (error)
		return error;
	if (members->is_rpm && embargo_cursor_starts(&head, STRIPPED_MAGIC, 6))
		return refuse(members, -ENOTSUP, UNPACK,
			      "%s: in the form for files of 4 GiB and more, which is not read here",
			      name_part(members, PART_PAYLOAD));
	return open_layer(layer, members->is_rpm ? archive_read_support_format_cpio(layer->archive)
						 : archive_read_support_format_tar(layer->archive));
}

int embargo_members_open(const struct embargo_members_source *source,
			 struct embargo_diagnostic *diagnostic, struct embargo_members **members)
{
	struct embargo_members *opened = calloc(1, sizeof(*opened));
	int error;

	if (!opened)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "%s", strerror(ENOMEM));
	opened->source = source;
	opened->diagnostic = diagnostic;
	error = open_outer(opened);
	if (!error)
		error = open_payload(opened);
	if (!error)
		error = open_files(opened);
	if (error)
		embargo_members_close(opened);
	else
		*members = opened;
	return error;
}

void embargo_members_close(struct embargo_members *members)
{
	if (!members)
		return;
	/* From the top: each may ask the one below to pass over what is left. */
	for (int part = PART_COUNT - 1; part >= 0; part--)
		if (members->layers[part].archive)
			archive_read_free(members->layers[part].archive);
	free(members);
}

/* "./usr/bin/x", "usr/bin/x" and "/usr/bin/x" are all installed as the last of them. */
static int take_path(struct embargo_members *members, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	if (!name)
		name = archive_entry_pathname_utf8(entry);
	if (!name)
		name = "(a name that cannot be read)";
	while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
		name++;
	if (strlen(name) + 1 >= sizeof(members->path))
		return refuse(members, -EFBIG, "fetch the package anew",
			      "%s: a name of %zu bytes, which no host can have",
			      name_part(members, PART_FILES), strlen(name));
	sprintf(members->path, "/%s", name);
	return 0;
}

/* By us, as libarchive's own would count nothing. */
static int pass_over(struct embargo_members *members)
{
	uint8_t ignored[CHUNK];
	ssize_t got;

	do
		got = embargo_members_read(members, ignored, sizeof(ignored));
	while (got > 0);
	return (int)got;
}

/* The end of the files is not the end of the package: its checksums come behind them. */
static int finish(struct embargo_members *members)
{
	struct layer *files = &members->layers[PART_FILES];
	int error, found = 0;

	do {
		files->used = 0;
		error = fill(files);
	} while (!error && files->used);
	if (!error && !members->is_rpm)
		found = find_data(&members->layers[PART_OUTER]);
	if (found > 0)
		found = refuse(members, -EBADMSG, "fetch the package anew",
			       "its archive: a second data.tar");
	members->is_done = !error && !found;
	return error ? error : found;
}

int embargo_members_next(struct embargo_members *members, struct embargo_member *member)
{
	struct archive_entry *entry;
	int found;

	if (members->error || members->is_done)
		return members->error;
	for (;;) {
		if (members->entries && pass_over(members))
			return members->error;
		found = next_entry(&members->layers[PART_FILES], &entry);
		if (found <= 0)
			return found ? found : finish(members);
		if (++members->entries > EMBARGO_MEMBERS_MAX)
			return refuse(members, -EFBIG, UNPACK, "holds more than %u files",
				      EMBARGO_MEMBERS_MAX);
		/* Of the names of one file only that with its bytes counts. */
		if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_size(entry) > 0)
			break;
	}
	found = take_path(members, entry);
	if (found)
		return found;
	*member = (struct embargo_member) {
		.path = members->path,
		.is_executable = archive_entry_perm(entry) & 0111,
	};
	return 1;
}

ssize_t embargo_members_read(struct embargo_members *members, void *buffer, size_t size)
{
	struct layer *files = &members->layers[PART_FILES];
	ssize_t got;
	int error;

	if (members->error)
		return members->error;
	got = archive_read_data(files->archive, buffer, size);
	if (members->error || got < 0)
		return refuse_layer(files);
	error = count_bytes(members, &members->read, (size_t)got);
	return error ? error : got;
}
