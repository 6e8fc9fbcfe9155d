// SPDX-License-Identifier: GPL-2.0-or-later
/* Packages: which layers there are, and the files that the highest of them has. */
#include "loader/archive/members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/archive/layer.h"
#include "loader/base/cleanup.h"

/*
 * libarchive would try filters upon filters for as long as one fits, each of which may give a
 * thousand times what it takes without ever giving it to us. So each layer has the one filter or
 * format that it is to have, and what the compression gives is counted before a format is looked
 * for in it.
 */
struct embargo_members {
	bool is_done;
	unsigned int entries, parts;
	char path[EMBARGO_MEMBERS_PATH];
	struct embargo_layers layers;
};

/* By libraries of their own: libarchive does not look at the sum at the end of a gzip. */
static const struct embargo_decoder *const decoders[] = {
	&embargo_gzip_decoder,
	&embargo_xz_decoder,
	&embargo_zstd_decoder,
};

/* By libarchive. */
static const struct {
	const char *magic;
	size_t size;
	int filter;
} filters[] = {
	{ "BZh", 3, ARCHIVE_FILTER_BZIP2 },
	{ "\x5d\0\0", 3, ARCHIVE_FILTER_LZMA },
};

/* The magic of a tar, behind its first header's other fields. */
#define TAR_MAGIC    "ustar"
#define TAR_MAGIC_AT 257

#define CPIO_MAGIC "0707"

/* rpm's own, of packages with files of 4 GiB: their names stand only in the package's header. */
#define STRIPPED_MAGIC "07070X"

#define ANEW "fetch the package anew, and check its signature before it is imported"

static bool is_data(const char *name)
{
	static const char data[] = "data.tar";

	return name && !strncmp(name, data, strlen(data)) &&
	       (!name[strlen(data)] || name[strlen(data)] == '.');
}

/* Goes on to the data.tar of a DEB. Returns 1, 0 where there is none, or -errno. */
static int find_data(struct embargo_members *members)
{
	struct embargo_layer *outer = &members->layers.array[EMBARGO_LAYER_OUTER];
	struct archive_entry *entry;
	int found;

	while ((found = embargo_layer_next(outer, &entry)) > 0) {
		if (++members->parts > EMBARGO_MEMBERS_PARTS)
			return embargo_layers_refuse(&members->layers, -EFBIG, ANEW,
						     "its archive: more than %d members",
						     EMBARGO_MEMBERS_PARTS);
		if (is_data(archive_entry_pathname(entry)))
			return 1;
	}
	return found;
}

static int open_deb(struct embargo_members *members)
{
	int found = embargo_layer_open(&members->layers.array[EMBARGO_LAYER_OUTER],
				       ARCHIVE_FILTER_NONE, archive_read_support_format_ar);

	if (found)
		return found;
	found = find_data(members);
	if (!found)
		return embargo_layers_refuse(&members->layers, -EBADMSG, ANEW,
					     "its archive: without a data.tar");
	return found < 0 ? found : 0;
}

/* libarchive's @filter, and a stream of bytes. */
static int open_stream(struct embargo_layer *layer, int filter)
{
	int error = embargo_layer_open(layer, filter, archive_read_support_format_raw);

	return error ? error : embargo_layer_enter(layer);
}

static int open_outer(struct embargo_members *members)
{
	struct embargo_layers *layers = &members->layers;
	struct embargo_cursor head;
	int error = embargo_layers_begin(layers, EMBARGO_LAYER_OUTER, &head);

	if (error)
		return error;
	layers->is_rpm = embargo_cursor_starts(&head, "\xed\xab\xee\xdb", 4);
	if (layers->is_rpm)
		return open_stream(&layers->array[EMBARGO_LAYER_OUTER], ARCHIVE_FILTER_RPM);
	if (embargo_cursor_starts(&head, "!<arch>\ndebian-binary", 21))
		return open_deb(members);
	return embargo_layers_refuse(layers, -EBADMSG, "name a .deb or an .rpm",
				     "is no Debian or RPM package");
}

static bool is_plain(struct embargo_cursor head)
{
	if (embargo_cursor_starts(&head, CPIO_MAGIC, strlen(CPIO_MAGIC)))
		return true;
	embargo_cursor_seek(&head, TAR_MAGIC_AT);
	return embargo_cursor_starts(&head, TAR_MAGIC, strlen(TAR_MAGIC));
}

static int open_payload(struct embargo_layers *layers)
{
	struct embargo_layer *layer = &layers->array[EMBARGO_LAYER_PAYLOAD];
	struct embargo_cursor head;
	int error = embargo_layers_begin(layers, EMBARGO_LAYER_PAYLOAD, &head);

	if (error)
		return error;
	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++)
		if (embargo_cursor_starts(&head, decoders[i]->magic, decoders[i]->magic_size))
			return embargo_layer_decode(layer, decoders[i]);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (embargo_cursor_starts(&head, filters[i].magic, filters[i].size))
			return open_stream(layer, filters[i].filter);
	if (!head.size || is_plain(head))
		return open_stream(layer, ARCHIVE_FILTER_NONE);
	return embargo_layers_refuse(layers, -ENOTSUP, embargo_layers_unpack,
				     "%s: compressed by a method that is not known here",
				     embargo_layers_name(layers, EMBARGO_LAYER_PAYLOAD));
}

static int open_files(struct embargo_layers *layers)
{
	struct embargo_layer *layer = &layers->array[EMBARGO_LAYER_FILES];
	struct embargo_cursor head;
	int error = embargo_layers_begin(layers, EMBARGO_LAYER_FILES, &head);

	if (error)
		return error;
	if (layers->is_rpm && embargo_cursor_starts(&head, STRIPPED_MAGIC, strlen(STRIPPED_MAGIC)))
		return embargo_layers_refuse(
			layers, -ENOTSUP, embargo_layers_unpack,
			"%s: in the form for files of 4 GiB and more, which is not read here",
			embargo_layers_name(layers, EMBARGO_LAYER_PAYLOAD));
	return embargo_layer_open(layer, ARCHIVE_FILTER_NONE,
				  layers->is_rpm ? archive_read_support_format_cpio
						 : archive_read_support_format_tar);
}

int embargo_members_open(const struct embargo_members_source *source, uint64_t limit,
			 struct embargo_diagnostic *diagnostic, struct embargo_members **members)
{
	struct embargo_members *opened = calloc(1, sizeof(*opened));
	int error;

	if (!opened)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "%s", strerror(ENOMEM));
	opened->layers.source = source;
	opened->layers.limit = limit < EMBARGO_MEMBERS_BYTES ? limit : EMBARGO_MEMBERS_BYTES;
	opened->layers.diagnostic = diagnostic;
	error = open_outer(opened);
	if (!error)
		error = open_payload(&opened->layers);
	if (!error)
		error = open_files(&opened->layers);
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
	embargo_layers_close(&members->layers);
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
		return embargo_layers_refuse(
			&members->layers, -EFBIG, ANEW,
			"%s: a name of %zu bytes, which no host can have",
			embargo_layers_name(&members->layers, EMBARGO_LAYER_FILES), strlen(name));
	sprintf(members->path, "/%s", name);
	return 0;
}

/* By us, as libarchive's own would count nothing. */
static int pass_over(struct embargo_members *members)
{
	uint8_t ignored[EMBARGO_LAYER_CHUNK];
	ssize_t got;

	do
		got = embargo_members_read(members, ignored, sizeof(ignored));
	while (got > 0);
	return (int)got;
}

/* The end of the files is not the end of the package: its sums come behind them. */
static int finish(struct embargo_members *members)
{
	struct embargo_layers *layers = &members->layers;
	int error = embargo_layer_drain(&layers->array[EMBARGO_LAYER_FILES]);

	if (!error)
		error = layers->is_rpm ? embargo_layers_end(layers) : find_data(members);
	if (error > 0)
		error = embargo_layers_refuse(layers, -EBADMSG, ANEW,
					      "its archive: a second data.tar");
	members->is_done = !error;
	return error;
}

int embargo_members_next(struct embargo_members *members, struct embargo_member *member)
{
	struct embargo_layers *layers = &members->layers;
	struct archive_entry *entry;
	int found;

	if (layers->error || members->is_done)
		return layers->error;
	do {
		found = members->entries ? pass_over(members) : 0;
		if (!found)
			found = embargo_layer_next(&layers->array[EMBARGO_LAYER_FILES], &entry);
		if (found <= 0)
			return found ? found : finish(members);
		if (++members->entries > EMBARGO_MEMBERS_MAX)
			return embargo_layers_refuse(layers, -EFBIG, embargo_layers_unpack,
						     "holds more than %u files",
						     EMBARGO_MEMBERS_MAX);
		/* Of the names of one file only that with its bytes counts. */
	} while (archive_entry_filetype(entry) != AE_IFREG || archive_entry_size(entry) <= 0);
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
	return embargo_layer_read(&members->layers.array[EMBARGO_LAYER_FILES], buffer, size);
}
