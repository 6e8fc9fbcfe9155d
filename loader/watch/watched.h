/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file systems are watched, and where each can be reached. */
#ifndef EMBARGO_WATCH_WATCHED_H
#define EMBARGO_WATCH_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/vfs.h>

#include "loader/watch/mounts.h"

enum embargo_watched_by {
	EMBARGO_WATCHED_BY_NONE,    /* the kernel cannot */
	EMBARGO_WATCHED_BY_HANDLES, /* the group whose events name files by handle */
	EMBARGO_WATCHED_BY_FILES,   /* the group whose events bring them open */
};

/* A part of a file system, mostly all of it. */
struct embargo_watched {
	struct embargo_mount mount; /* its texts are its own */
	__typeof__(((struct statfs *)NULL)->f_fsid) fsid;
	enum embargo_watched_by by;
	bool is_elsewhere; /* known from another mount namespace */
	size_t next;	   /* the next of the same device; from 1 */
};

#define EMBARGO_WATCHED_HEADS 1024

struct embargo_watched_table {
	struct embargo_watched *array;
	size_t count, room;
	size_t heads[EMBARGO_WATCHED_HEADS]; /* from 1 */
};

/* Adds a copy of @watched. Errors: -ENOSPC beyond EMBARGO_NOTICES_FILESYSTEMS, -ENOMEM. */
int embargo_watched_add(struct embargo_watched_table *table, const struct embargo_watched *watched);

/* The entry that @mount is a part of, or NULL. */
const struct embargo_watched *embargo_watched_find(const struct embargo_watched_table *table,
						   const struct embargo_mount *mount);

void embargo_watched_free(struct embargo_watched_table *table);

#endif
