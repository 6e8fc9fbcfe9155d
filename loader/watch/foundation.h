/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents that are never learned: those of the files that PID 1 and embargo itself run on. */
#ifndef EMBARGO_WATCH_FOUNDATION_H
#define EMBARGO_WATCH_FOUNDATION_H

#include <stdbool.h>

#include "loader/identity/specimen.h"

struct embargo_foundation_file;

/* Zeroed memory knows of none yet. */
struct embargo_foundation {
	struct embargo_foundation_file *files;
	size_t count;
};

/*
 * Looks at the files again; those that are as they were are not read anew. Called before anything
 * is learned: a library may have been replaced since. Returns 0 or -errno.
 */
int embargo_foundation_refresh(struct embargo_foundation *foundation);

/* Is @content that of one of them? */
bool embargo_foundation_has(const struct embargo_foundation *foundation,
			    const struct embargo_content *content);
void embargo_foundation_free(struct embargo_foundation *foundation);

#endif
