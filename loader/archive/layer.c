// SPDX-License-Identifier: GPL-2.0-or-later
/* Layers: by libarchive, and by the decompressors that are here anyhow. */
#include "loader/archive/layer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/utf8.h"

const char embargo_layers_unpack[] = "unpack it where no harm is done, and import the folder";

int embargo_layers_refuse(struct embargo_layers *layers, int error, const char *remedy,
			  const char *format, ...)
{
	char text[EMBARGO_DIAGNOSTIC_TEXT];
	va_list arguments;

	if (layers->error)
		return layers->error;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	embargo_utf8_printable(text, layers->diagnostic->what, EMBARGO_DIAGNOSTIC_TEXT);
	embargo_diagnostic_remedy(layers->diagnostic, "%s", remedy);
	return layers->error = error;
}

const char *embargo_layers_name(const struct embargo_layers *layers, enum embargo_layer_part part)
{
	static const char *const names[EMBARGO_LAYERS][2] = {
		[EMBARGO_LAYER_OUTER] = { "its archive", "its headers" },
		[EMBARGO_LAYER_PAYLOAD] = { "its data.tar", "its payload" },
		[EMBARGO_LAYER_FILES] = { "the files in its data.tar", "the files in its payload" },
	};

	return names[part][layers->is_rpm];
}

static int refuse(struct embargo_layer *layer, int error, const char *said)
{
	const char *name = embargo_layers_name(layer->all, layer->part);

	if (error == -ENOMEM || error == -EFBIG)
		return embargo_layers_refuse(layer->all, error, embargo_layers_unpack,
					     "%s: takes more memory than is sensible", name);
	return embargo_layers_refuse(
		layer->all, -EBADMSG,
		"fetch the package anew, and check its signature before it is imported",
		"%s: damaged or cut off (%s)", name, said);
}

/* libarchive says what it found; where a layer below is the cause, that has been said already. */
static int refuse_archive(struct embargo_layer *layer)
{
	const char *said = archive_error_string(layer->archive);

	return refuse(layer, archive_errno(layer->archive) == ENOMEM ? -ENOMEM : -EBADMSG,
		      said ? said : "no reason given");
}

static int count_bytes(struct embargo_layers *layers, uint64_t *bytes, size_t size)
{
	*bytes += size;
	if (*bytes <= layers->limit)
		return 0;
	return embargo_layers_refuse(layers, -EFBIG, embargo_layers_unpack,
				     "holds more than %llu MiB",
				     (unsigned long long)layers->limit >> 20);
}

static int check_payload(struct embargo_layers *layers, int error)
{
	if (error == -EBADMSG)
		return embargo_layers_refuse(
			layers, error,
			"fetch the package anew, and check its signature before it is imported",
			"its payload: is not the one that its header has the digest of");
	return error ? embargo_layers_refuse(layers, error, embargo_layers_unpack,
					     "its headers: cannot be held: %s", strerror(-error))
		     : 0;
}

/* What is below the lowest of them. */
static ssize_t read_source(struct embargo_layers *layers, uint8_t *room, size_t size)
{
	const ssize_t got = layers->source->read(layers->source->context, room, size);

	if (got < 0)
		embargo_layers_refuse(layers, (int)got, "look after the disk", "cannot be read: %s",
				      strerror((int)-got));
	if (got > 0 &&
	    check_payload(layers, embargo_payload_add(&layers->payload, room, (size_t)got)))
		return layers->error;
	return got;
}

/* What the layer below gives, into the buffer behind what is used of it. */
static int fill(struct embargo_layer *layer)
{
	struct embargo_layers *layers = layer->all;
	uint8_t *room = layer->buffer + layer->used;
	const size_t size = EMBARGO_LAYER_CHUNK - layer->used;
	ssize_t got;

	if (layers->error)
		return layers->error;
	if (layer->part == EMBARGO_LAYER_OUTER)
		got = read_source(layers, room, size);
	else
		got = embargo_layer_read(layer - 1, room, size);
	if (got < 0)
		return (int)got;
	layer->used += (size_t)got;
	if (layer->part != EMBARGO_LAYER_FILES)
		return 0;
	/* Before anybody looks into it. */
	return count_bytes(layers, &layers->given, (size_t)got);
}

/* libarchive's side of it: a return of 0 is the end. */
static la_ssize_t give(struct archive *archive, void *context, const void **bytes)
{
	struct embargo_layer *layer = context;

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

int embargo_layers_begin(struct embargo_layers *layers, enum embargo_layer_part part,
			 struct embargo_cursor *head)
{
	struct embargo_layer *layer = &layers->array[part];
	size_t before;
	int error;

	layer->all = layers;
	layer->part = part;
	do {
		before = layer->used;
		error = fill(layer);
		if (error)
			return error;
	} while (layer->used < EMBARGO_LAYER_HEAD && layer->used > before);
	layer->is_primed = true;
	*head = embargo_cursor_make(layer->buffer, layer->used);
	return 0;
}

int embargo_layer_decode(struct embargo_layer *layer, const struct embargo_decoder *decoder)
{
	layer->stream = decoder->open();
	if (!layer->stream)
		return refuse(layer, -ENOMEM, "");
	layer->decoder = decoder;
	return 0;
}

int embargo_layer_open(struct embargo_layer *layer, int filter, int (*format)(struct archive *))
{
	layer->archive = archive_read_new();
	if (!layer->archive)
		return refuse(layer, -ENOMEM, "");
	/* A warning is that it would start a program for it. */
	if ((filter != ARCHIVE_FILTER_NONE &&
	     archive_read_append_filter(layer->archive, filter) != ARCHIVE_OK) ||
	    format(layer->archive) != ARCHIVE_OK)
		return embargo_layers_refuse(layer->all, -ENOTSUP, embargo_layers_unpack,
					     "%s: this libarchive cannot read its form",
					     embargo_layers_name(layer->all, layer->part));
	if (archive_read_open(layer->archive, layer, NULL, give, NULL) != ARCHIVE_OK)
		return refuse_archive(layer);
	return 0;
}

int embargo_layer_next(struct embargo_layer *layer, struct archive_entry **entry)
{
	const int status = archive_read_next_header(layer->archive, entry);

	if (layer->all->error)
		return layer->all->error;
	if (status == ARCHIVE_EOF)
		return 0;
	/* A name in a character set that is not ours is a warning, and a name; bytes that a cpio
	 * passes over are none. */
	if (status == ARCHIVE_OK || (status == ARCHIVE_WARN && !layer->all->is_rpm))
		return 1;
	return refuse_archive(layer);
}

int embargo_layer_enter(struct embargo_layer *layer)
{
	struct archive_entry *entry;
	const int found = embargo_layer_next(layer, &entry);

	if (found < 0)
		return found;
	return found ? 0 : refuse(layer, -EBADMSG, "it is empty");
}

/* One step of the method, into @io. One that neither takes nor gives never will: it is cut off. */
static int decode(struct embargo_layer *layer, struct embargo_decoder_io *io)
{
	const size_t out_left = io->out_left;
	size_t in_left;
	int state, error;

	if (layer->at == layer->used && !layer->is_last) {
		layer->at = layer->used = 0;
		error = fill(layer);
		if (error)
			return error;
		layer->is_last = !layer->used;
	}
	in_left = layer->used - layer->at;
	io->in = layer->buffer + layer->at;
	io->in_left = in_left;
	io->is_last = layer->is_last;
	state = layer->decoder->step(layer->stream, io);
	layer->at = layer->used - io->in_left;
	layer->has_ended = state == EMBARGO_DECODER_DONE;
	if (state == EMBARGO_DECODER_MORE && io->out_left == out_left && io->in_left == in_left &&
	    (in_left || layer->is_last))
		state = -EBADMSG;
	return state < 0 ? refuse(layer, state, "it does not decompress") : 0;
}

ssize_t embargo_layer_read(struct embargo_layer *layer, uint8_t *room, size_t size)
{
	struct embargo_layers *layers = layer->all;
	struct embargo_decoder_io io = { .out = room, .out_left = size };
	ssize_t got;
	int error = layers->error;

	if (error)
		return error;
	if (!layer->decoder) {
		got = archive_read_data(layer->archive, room, size);
		if (got < 0 || layers->error)
			return refuse_archive(layer);
		if (layer->part == EMBARGO_LAYER_FILES)
			error = count_bytes(layers, &layers->read, (size_t)got);
		return error ? error : got;
	}
	while (!error && !layer->has_ended && io.out_left == size)
		error = decode(layer, &io);
	return error ? error : (ssize_t)(size - io.out_left);
}

int embargo_layer_drain(struct embargo_layer *layer)
{
	int error;

	do {
		layer->used = 0;
		error = fill(layer);
	} while (!error && layer->used);
	return error;
}

int embargo_layers_end(struct embargo_layers *layers)
{
	int error = embargo_layer_drain(&layers->array[EMBARGO_LAYER_PAYLOAD]);

	return error ? error : check_payload(layers, embargo_payload_end(&layers->payload));
}

void embargo_layers_close(struct embargo_layers *layers)
{
	/* From the top: each may ask the one below to pass over what is left. */
	for (int part = EMBARGO_LAYERS - 1; part >= 0; part--) {
		struct embargo_layer *layer = &layers->array[part];

		if (layer->archive)
			archive_read_free(layer->archive);
		if (layer->stream)
			layer->decoder->close(layer->stream);
	}
	embargo_payload_free(&layers->payload);
}
