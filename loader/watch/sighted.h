/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the kernel half has met: from what it tells of one to a descriptor. */
#ifndef EMBARGO_WATCH_SIGHTED_H
#define EMBARGO_WATCH_SIGHTED_H

#include <limits.h>
#include <stdbool.h>

#include "bpf/abi.h"

/* A file system that does not answer keeps an opener waiting, and us no longer than this. */
#define EMBARGO_SIGHTED_MS 500

/* Mappings of a process that are looked through for a library. */
#define EMBARGO_SIGHTED_MAPPINGS 4096

struct embargo_sighted;

int embargo_sighted_open(struct embargo_sighted **sighted);
void embargo_sighted_close(struct embargo_sighted *sighted);

/*
 * Opens the file that @sighting tells of, by the process that uses it, and where that has ended by
 * the path. @path gets a name for people. On success @fd is the caller's. Errors: -EREMOTE on a
 * file system whose server may keep us waiting (network, FUSE), -ESTALE where another file is there
 * now, -ETIMEDOUT, -ENOENT.
 */
int embargo_sighted_find(struct embargo_sighted *sighted, const struct embargo_sighting *sighting,
			 int *fd, char path[static PATH_MAX]);

/* Can the file @fd be read without waiting for somebody's server? Asks none. */
bool embargo_sighted_is_local(struct embargo_sighted *sighted, int fd);

#endif
