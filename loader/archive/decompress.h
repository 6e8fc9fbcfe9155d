/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decompressing in memory: gzip, xz and zstd, as modules and the parts of packages have them. */
#ifndef EMBARGO_ARCHIVE_DECOMPRESS_H
#define EMBARGO_ARCHIVE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ten times the largest module of a distribution kernel; a bomb ends here. */
#define EMBARGO_DECOMPRESS_MAX (256u << 20)

/* What `wanted` is shown of the content, or all of it where it is shorter. */
#define EMBARGO_DECOMPRESS_HEAD 64u

/* Does something that begins with these bytes hold gzip, xz or zstd? */
bool embargo_decompress_detect(const void *head, size_t size);

/*
 * Decompresses all of @bytes, but only where @wanted (NULL: always) says yes to the first bytes of
 * the content. @content is the caller's to free(). Errors: -ENODATA not wanted, or not even its
 * first bytes can be had, -EBADMSG wanted but damaged or cut off, -EFBIG more than @limit, which is
 * at most EMBARGO_DECOMPRESS_MAX, or as much memory to decompress it, -ENOMEM.
 */
int embargo_decompress(const uint8_t *bytes, size_t size, size_t limit,
		       bool (*wanted)(const void *head, size_t size), uint8_t **content,
		       size_t *content_size);

#endif
