/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a compression method gives: a stream that takes bytes and gives bytes. */
#ifndef EMBARGO_ARCHIVE_DECODER_H
#define EMBARGO_ARCHIVE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both sides move forward as bytes are taken and given. */
struct embargo_decoder_io {
	const uint8_t *in;
	size_t in_left;
	bool is_last; /* nothing comes after what is in `in` */
	uint8_t *out;
	size_t out_left;
};

enum embargo_decoder_state {
	EMBARGO_DECODER_MORE = 0,
	EMBARGO_DECODER_DONE,
};

struct embargo_decoder {
	const char *magic; /* what a file begins with */
	size_t magic_size;
	/* Makes a stream; NULL where there is no memory. The caller ends it with close(). */
	void *(*open)(void);
	/*
	 * Takes and gives as much as it can. Returns an embargo_decoder_state, or -EBADMSG for what
	 * is no such stream, -EFBIG for one that wants more memory than is sensible, -ENOMEM.
	 */
	int (*step)(void *stream, struct embargo_decoder_io *io);
	void (*close)(void *stream);
};

extern const struct embargo_decoder embargo_gzip_decoder;
extern const struct embargo_decoder embargo_xz_decoder;
extern const struct embargo_decoder embargo_zstd_decoder;

#endif
