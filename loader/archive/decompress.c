// SPDX-License-Identifier: GPL-2.0-or-later
/* Decompressing: which method, how far, and into memory. */
#include "loader/archive/decompress.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "loader/archive/decoder.h"
#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"

#define CHUNK (64 * 1024)

static const struct embargo_decoder *const decoders[] = {
	&embargo_gzip_decoder,
	&embargo_xz_decoder,
	&embargo_zstd_decoder,
};

/* Content on its way into memory. */
struct passage {
	const struct embargo_decoder *decoder;
	void *stream;
	struct embargo_decoder_io io;
	uint8_t *data;
	size_t used, room, limit;
	uint8_t out[CHUNK];
};

static const struct embargo_decoder *find_decoder(const void *head, size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(head, size);

	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++)
		if (embargo_cursor_starts(&cursor, decoders[i]->magic, decoders[i]->magic_size))
			return decoders[i];
	return NULL;
}

bool embargo_decompress_detect(const void *head, size_t size)
{
	return find_decoder(head, size);
}

static void free_passage(struct passage **passage)
{
	if (!*passage)
		return;
	if ((*passage)->stream)
		(*passage)->decoder->close((*passage)->stream);
	free((*passage)->data);
	free(*passage);
}

static int append(struct passage *passage, size_t size)
{
	if (!size)
		return 0;
	if (size > passage->limit - passage->used)
		return -EFBIG;
	if (size > passage->room - passage->used) {
		size_t wider = 2 * (passage->used + size);
		uint8_t *larger;

		if (wider > passage->limit)
			wider = passage->limit;
		larger = realloc(passage->data, wider);
		if (!larger)
			return -ENOMEM;
		passage->data = larger;
		passage->room = wider;
	}
	memcpy(passage->data + passage->used, passage->out, size);
	passage->used += size;
	return 0;
}

/* One step of the method. One that neither takes nor gives never will: it is cut off. */
static int advance(struct passage *passage)
{
	size_t in_left = passage->io.in_left, size;
	int state, error;

	passage->io.out = passage->out;
	passage->io.out_left = CHUNK;
	state = passage->decoder->step(passage->stream, &passage->io);
	if (state < 0)
		return state;
	size = CHUNK - passage->io.out_left;
	if (state == EMBARGO_DECODER_MORE && !size && in_left == passage->io.in_left)
		return -EBADMSG;
	error = append(passage, size);
	return error ? error : state;
}

static int decode(struct passage *passage, bool (*wanted)(const void *head, size_t size))
{
	bool is_asked = !wanted;
	int state;

	do {
		state = advance(passage);
		if (state < 0)
			return state == -EBADMSG && !is_asked ? -ENODATA : state;
		if (!is_asked &&
		    (passage->used >= EMBARGO_DECOMPRESS_HEAD || state == EMBARGO_DECODER_DONE)) {
			is_asked = true;
			if (!passage->used || !wanted(passage->data, passage->used))
				return -ENODATA;
		}
	} while (state != EMBARGO_DECODER_DONE);
	return 0;
}

int embargo_decompress(const uint8_t *bytes, size_t size, size_t limit,
		       bool (*wanted)(const void *head, size_t size), uint8_t **content,
		       size_t *content_size)
{
	_cleanup_(free_passage) struct passage *passage = calloc(1, sizeof(*passage));
	int error;

	if (!passage)
		return -ENOMEM;
	passage->io = (struct embargo_decoder_io) { .in = bytes, .in_left = size, .is_last = true };
	passage->limit = limit < EMBARGO_DECOMPRESS_MAX ? limit : EMBARGO_DECOMPRESS_MAX;
	passage->decoder = find_decoder(bytes, size);
	if (!passage->decoder)
		return -ENODATA;
	passage->stream = passage->decoder->open();
	if (!passage->stream)
		return -ENOMEM;
	error = decode(passage, wanted);
	if (error)
		return error;
	*content_size = passage->used;
	*content = TAKE_PTR(passage->data);
	return 0;
}
