/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replacing a file: the old one or the new one is there, also after a power cut. */
#ifndef EMBARGO_BASE_REPLACE_H
#define EMBARGO_BASE_REPLACE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Makes a new file that is to take the place of @path, beside it: its name goes to @beside, of
 * PATH_MAX bytes. What a power cut left there goes, and so does a link; where somebody has put a
 * folder in the way, the name is another. Returns its descriptor or -errno.
 */
int embargo_file_open_beside(const char *path, char *beside, mode_t mode);

/*
 * Writes @bytes beside @path, to the disk, and then puts that in the place of @path, under @mode.
 * Returns 0 or -errno; @path is as it was then.
 */
int embargo_file_replace(const char *path, const void *bytes, size_t size, mode_t mode);

#endif
