/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the dynamic loader seeks a library: glibc's order, by what the files say, without running
 * anything. */
#ifndef EMBARGO_DYNAMIC_SEARCH_H
#define EMBARGO_DYNAMIC_SEARCH_H

#include <limits.h>
#include <stdbool.h>

#include "loader/dynamic/cache.h"

/* A program, or a library that it has loaded. */
struct embargo_dynamic_object {
	const char *path;	     /* by which it was found: $ORIGIN is its folder */
	const char *rpath, *runpath; /* or NULL */
	const struct embargo_dynamic_object *loader; /* who needs it; NULL: it is the program */
};

struct embargo_dynamic_search {
	const struct embargo_dynamic_cache *cache; /* or NULL */
	const char *interpreter;		   /* the program's dynamic loader, or NULL */

	/* Would the loader take the file at @path? One that is not there, or is another machine's,
	 * it passes over. */
	bool (*fits)(void *context, const char *path);
	void *context;
};

/*
 * Finds what @object gets for the library @name, into @found; false: nothing. Looked into are, as
 * ld.so(8) has it, the RPATH of @object and of those that need it, the RUNPATH of @object, the
 * cache, and the loader's own folders: the one it lies in, with and without /usr, /lib and
 * /usr/lib.
 *
 * Not followed: the environment (LD_LIBRARY_PATH), glibc-hwcaps, $LIB and $PLATFORM, a folder that
 * is relative to where somebody stands.
 */
bool embargo_dynamic_search(const struct embargo_dynamic_search *search,
			    const struct embargo_dynamic_object *object, const char *name,
			    char found[static PATH_MAX]);

#endif
