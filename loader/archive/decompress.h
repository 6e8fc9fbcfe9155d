/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decompressing what kmod decompresses: a kernel module as .gz, .xz or .zst. */
#ifndef EMBARGO_ARCHIVE_DECOMPRESS_H
#define EMBARGO_ARCHIVE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Ten times the largest module of a distribution kernel; a bomb ends here. */
#define EMBARGO_DECOMPRESS_MAX (256u << 20)

/* What `wanted` is shown of the content, or all of it where it is shorter. */
#define EMBARGO_DECOMPRESS_HEAD 64u

/* Does a file that begins with these bytes hold gzip, xz or zstd? */
bool embargo_decompress_detect(const void *head, size_t size);

/*
 * Decompresses @fd whole, but only where @wanted says yes to the first bytes of the content. @data
 * is the caller's to free(). Errors: -ENODATA not wanted, or not even its first bytes can be had,
 * -EBADMSG wanted but damaged or cut off, -EFBIG more than EMBARGO_DECOMPRESS_MAX, or as much
 * memory to decompress it, -ENOMEM, or what read(2) says.
 */
int embargo_decompress_file(int fd, bool (*wanted)(const void *head, size_t size), char **data,
			    size_t *size);

#endif
