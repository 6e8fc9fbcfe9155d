/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replacing a file: the old one or the new one is there, also after a power cut. */
#ifndef EMBARGO_BASE_REPLACE_H
#define EMBARGO_BASE_REPLACE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes @bytes beside @path, to the disk, and then puts that in the place of @path, under @mode.
 * Returns 0 or -errno; @path is as it was then.
 */
int embargo_file_replace(const char *path, const void *bytes, size_t size, mode_t mode);

#endif
