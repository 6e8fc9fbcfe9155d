/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dynamic loader's cache: which file ldconfig(8) found for the name of a library. */
#ifndef EMBARGO_DYNAMIC_CACHE_H
#define EMBARGO_DYNAMIC_CACHE_H

#include <stddef.h>

#define EMBARGO_DYNAMIC_CACHE_FILE "/etc/ld.so.cache"

/* Bytes: a desktop's 3,000 libraries take 250 KiB. */
#define EMBARGO_DYNAMIC_CACHE_SIZE (16u << 20)

struct embargo_dynamic_cache;

/*
 * Reads @file. The caller closes @cache; NULL may be closed, and holds nothing. Errors: -EBADMSG
 * where it is not of the form that glibc has written since 2.32, or as embargo_file_read().
 */
int embargo_dynamic_cache_read(const char *file, struct embargo_dynamic_cache **cache);
void embargo_dynamic_cache_close(struct embargo_dynamic_cache *cache);

/*
 * The next file for the library @name, from place *@at on (0 at first), which moves behind it; NULL
 * where there is none. Files for processors with something particular (glibc-hwcaps) are left out:
 * whether this one has it, the dynamic loader alone knows.
 */
const char *embargo_dynamic_cache_next(const struct embargo_dynamic_cache *cache, const char *name,
				       size_t *at);

#endif
