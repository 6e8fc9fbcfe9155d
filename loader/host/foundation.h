/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's foundations: the files that PID 1 and embargo itself run on. A host that refuses them
 * could not be repaired. */
#ifndef EMBARGO_HOST_FOUNDATION_H
#define EMBARGO_HOST_FOUNDATION_H

#include <stdbool.h>

/*
 * Calls @each for the programs of PID 1 and of this process, and for all that is mapped into them:
 * @file is where the bytes are, @path what the kernel calls them, @role who needs them. A nonzero
 * return ends it and is handed on, but for -EACCES, which says that a file may not be looked at.
 * @unseen gets whether that was so of PID 1's program. -errno where /proc is no help.
 */
int embargo_foundation_each(int (*each)(void *context, const char *file, const char *path,
					const char *role),
			    void *context, bool *unseen);

#endif
