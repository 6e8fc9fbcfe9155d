// SPDX-License-Identifier: GPL-2.0-or-later
/* The xz method, by liblzma: streams one after the other, as kmod reads them. */
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "loader/archive/decoder.h"

#define MAGIC "\xfd\x37\x7a\x58\x5a\0"

/* `xz -9` takes 65 MiB, and distributions' modules far less. A header may ask for 4 GiB. */
#define MEMORY_MAX (256u << 20)

static void *open_xz(void)
{
	lzma_stream *xz = calloc(1, sizeof(*xz));

	if (!xz || lzma_stream_decoder(xz, MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
		free(xz);
		return NULL;
	}
	return xz;
}

static void close_xz(void *stream)
{
	lzma_end(stream);
	free(stream);
}

static int step_xz(void *stream, struct embargo_decoder_io *io)
{
	lzma_stream *xz = stream;
	lzma_ret status;

	xz->next_in = io->in;
	xz->avail_in = io->in_left;
	xz->next_out = io->out;
	xz->avail_out = io->out_left;
	status = lzma_code(xz, io->is_last ? LZMA_FINISH : LZMA_RUN);
	io->in = xz->next_in;
	io->in_left = xz->avail_in;
	io->out = xz->next_out;
	io->out_left = xz->avail_out;
	switch (status) {
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* nothing to take or nowhere to put it; no fault of the stream */
		return EMBARGO_DECODER_MORE;
	case LZMA_STREAM_END:
		return EMBARGO_DECODER_DONE;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

const struct embargo_decoder embargo_xz_decoder = {
	.magic = MAGIC,
	.magic_size = sizeof(MAGIC) - 1,
	.open = open_xz,
	.step = step_xz,
	.close = close_xz,
};
