/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading files that may be anything: only regular ones, never waiting, never more than a bound. */
#ifndef EMBARGO_BASE_FILE_H
#define EMBARGO_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Opens the regular file at @path for reading. A FIFO, a socket or a device is refused unopened: an
 * open alone may hang or wind a tape. Errors: -EISDIR, -EINVAL for what else is no regular file, or
 * what stat(2) and open(2) say. On success @fd is the caller's; @status may be NULL.
 */
int embargo_file_open(const char *path, int *fd, struct stat *status);

/*
 * Opens anew, for reading, the regular file that the O_PATH descriptor @fd stands for: without
 * waiting, and without moving its atime where that is allowed. Needs /proc. Errors: -EINVAL, or as
 * open(2).
 */
int embargo_file_reopen(int fd, int *opened);

/*
 * Reads up to @size bytes at @offset with pread(2), again and again until they are there or the
 * file ends. Returns how many there were, or -errno.
 */
ssize_t embargo_file_pread(int fd, void *buffer, size_t size, uint64_t offset);

/*
 * Reads the file at @path whole. @data, with a NUL after its @size bytes, is the caller's to
 * free(). Errors: -EFBIG when it holds more than @limit bytes, -ENOMEM, or as embargo_file_open().
 */
int embargo_file_read(const char *path, size_t limit, char **data, size_t *size);

/* The same for the open file @fd, whose offset stays where it is. */
int embargo_file_read_all(int fd, size_t limit, char **data, size_t *size);

/* Writes all of @bytes, by as many write(2) as it takes. Errors: as write(2). */
int embargo_file_write(int fd, const void *bytes, size_t size);

/* Does @path lead to the open file @fd itself, as this namespace sees it, and not by a link? */
bool embargo_file_is_at(int fd, const char *path);

/* The sentence for an error of these functions: strerror(3), but for those that say too little. */
const char *embargo_file_error(int error);

#endif
