/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layers of a package: each reads what the one below it gives, and has one thing to do with it. */
#ifndef EMBARGO_ARCHIVE_LAYER_H
#define EMBARGO_ARCHIVE_LAYER_H

#include <archive.h>
#include <archive_entry.h>

#include "loader/archive/decoder.h"
#include "loader/archive/members.h"
#include "loader/archive/payload.h"
#include "loader/base/cursor.h"

#define EMBARGO_LAYER_CHUNK (64 * 1024)

/* Enough for each magic that a layer is chosen by, and for that of tar at its end. */
#define EMBARGO_LAYER_HEAD 512

enum embargo_layer_part {
	EMBARGO_LAYER_OUTER,   /* the package: an ar, or what is behind the headers of an RPM */
	EMBARGO_LAYER_PAYLOAD, /* decompressed */
	EMBARGO_LAYER_FILES,   /* a tar or a cpio */
	EMBARGO_LAYERS,
};

struct embargo_layer {
	struct embargo_layers *all;
	enum embargo_layer_part part;
	struct archive *archive;	       /* libarchive's reader; or */
	const struct embargo_decoder *decoder; /* one of ours, with its */
	void *stream;
	bool has_ended; /* what our decoder decompresses */
	bool is_last;	/* nothing comes after what is in the buffer */
	bool is_primed; /* the head in the buffer has not been given yet */
	size_t used, at;
	uint8_t buffer[EMBARGO_LAYER_CHUNK]; /* what the layer below gave last */
};

struct embargo_layers {
	const struct embargo_members_source *source;
	struct embargo_diagnostic *diagnostic;
	uint64_t limit;
	bool is_rpm;
	int error;			/* the first; everything after it has the same */
	uint64_t given, read;		/* bytes: of the payload, of the files */
	struct embargo_payload payload; /* all that is read of a package goes through it */
	struct embargo_layer array[EMBARGO_LAYERS];
};

/* Notes the error, unless there was one before. Returns the one that there is. */
int embargo_layers_refuse(struct embargo_layers *layers, int error, const char *remedy,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What to do about that which is not read here. */
extern const char embargo_layers_unpack[];

/* "its data.tar", "the files in its payload": what a layer reads. */
const char *embargo_layers_name(const struct embargo_layers *layers, enum embargo_layer_part part);

/* The first bytes that a layer gets, by which it is chosen what it is to do. */
int embargo_layers_begin(struct embargo_layers *layers, enum embargo_layer_part part,
			 struct embargo_cursor *head);

/*
 * What it is to do: decode; or read as libarchive's @filter (ARCHIVE_FILTER_NONE: as it is) and
 * then as its @format has it (archive_read_support_format_...).
 */
int embargo_layer_decode(struct embargo_layer *layer, const struct embargo_decoder *decoder);
int embargo_layer_open(struct embargo_layer *layer, int filter, int (*format)(struct archive *));

/* The next entry of an archive: 1, 0 at its end. One of a stream of bytes, where there is one. */
int embargo_layer_next(struct embargo_layer *layer, struct archive_entry **entry);
int embargo_layer_enter(struct embargo_layer *layer);

/* Up to @size bytes of what it gives; 0 at the end of it, or of the entry. */
ssize_t embargo_layer_read(struct embargo_layer *layer, uint8_t *room, size_t size);

/* Takes all that the layer below still has. */
int embargo_layer_drain(struct embargo_layer *layer);

/* All files have been read: takes the rest, and holds all of it against the package's own word. */
int embargo_layers_end(struct embargo_layers *layers);

void embargo_layers_close(struct embargo_layers *layers);

#endif
