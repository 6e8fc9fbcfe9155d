// SPDX-License-Identifier: GPL-2.0-or-later
/* The zstd method, by libzstd: frames one after the other, as kmod reads them. */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "loader/archive/decoder.h"

#define MAGIC "\x28\xb5\x2f\xfd"

/* libzstd's own limit holds for the window: 128 MiB. */
struct zstd {
	ZSTD_DStream *decoder;
	bool has_ended; /* a frame has; another may follow */
};

static void *open_zstd(void)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));

	if (zstd)
		zstd->decoder = ZSTD_createDStream();
	if (!zstd || !zstd->decoder) {
		free(zstd);
		return NULL;
	}
	return zstd;
}

static void close_zstd(void *stream)
{
	struct zstd *zstd = stream;

	ZSTD_freeDStream(zstd->decoder);
	free(zstd);
}

static int explain(size_t status)
{
	switch (ZSTD_getErrorCode(status)) {
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

static int step_zstd(void *stream, struct embargo_decoder_io *io)
{
	struct zstd *zstd = stream;
	ZSTD_inBuffer in = { io->in, io->in_left, 0 };
	ZSTD_outBuffer out = { io->out, io->out_left, 0 };
	size_t status;

	if (zstd->has_ended && !io->in_left)
		return io->is_last ? EMBARGO_DECODER_DONE : EMBARGO_DECODER_MORE;
	status = ZSTD_decompressStream(zstd->decoder, &out, &in);
	if (ZSTD_isError(status))
		return explain(status);
	io->in += in.pos;
	io->in_left -= in.pos;
	io->out += out.pos;
	io->out_left -= out.pos;
	zstd->has_ended = !status;
	return EMBARGO_DECODER_MORE;
}

const struct embargo_decoder embargo_zstd_decoder = {
	.magic = MAGIC,
	.magic_size = sizeof(MAGIC) - 1,
	.open = open_zstd,
	.step = step_zstd,
	.close = close_zstd,
};
