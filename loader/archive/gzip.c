// SPDX-License-Identifier: GPL-2.0-or-later
/* The gzip method, by zlib: members one after the other, as kmod reads them. */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "loader/archive/decoder.h"

#define MAGIC "\x1f\x8b"

/* The largest window, and 16 for "gzip, nothing else". */
#define WINDOW (MAX_WBITS + 16)

struct gzip {
	z_stream zlib;
	bool has_ended; /* a member has; another may follow */
};

static void *open_gzip(void)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip || inflateInit2(&gzip->zlib, WINDOW) != Z_OK) {
		free(gzip);
		return NULL;
	}
	return gzip;
}

static void close_gzip(void *stream)
{
	struct gzip *gzip = stream;

	inflateEnd(&gzip->zlib);
	free(gzip);
}

static int inflate_some(struct gzip *gzip, struct embargo_decoder_io *io)
{
	z_stream *zlib = &gzip->zlib;
	int status;

	zlib->next_in = (Bytef *)io->in;
	zlib->avail_in = io->in_left;
	zlib->next_out = io->out;
	zlib->avail_out = io->out_left;
	status = inflate(zlib, Z_NO_FLUSH);
	io->in = zlib->next_in;
	io->in_left = zlib->avail_in;
	io->out = zlib->next_out;
	io->out_left = zlib->avail_out;
	gzip->has_ended = status == Z_STREAM_END;
	if (status == Z_MEM_ERROR)
		return -ENOMEM;
	/* Z_BUF_ERROR: nothing to take or nowhere to put it; no fault of the stream. */
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
		return -EBADMSG;
	return EMBARGO_DECODER_MORE;
}

/* After a member comes another one, the end, or padding, which gzip ignores. */
static int step_gzip(void *stream, struct embargo_decoder_io *io)
{
	struct gzip *gzip = stream;

	if (gzip->has_ended) {
		if (!io->in_left)
			return io->is_last ? EMBARGO_DECODER_DONE : EMBARGO_DECODER_MORE;
		if (io->in[0] != (uint8_t)MAGIC[0])
			return EMBARGO_DECODER_DONE;
		inflateReset(&gzip->zlib);
	}
	return inflate_some(gzip, io);
}

const struct embargo_decoder embargo_gzip_decoder = {
	.magic = MAGIC,
	.magic_size = sizeof(MAGIC) - 1,
	.open = open_gzip,
	.step = step_gzip,
	.close = close_gzip,
};
