/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking notices from the kernel's queues; for the notices themselves only. */
#ifndef EMBARGO_WATCH_NOTICES_READ_H
#define EMBARGO_WATCH_NOTICES_READ_H

#include <stdbool.h>
#include <sys/types.h>

#include "loader/watch/notices.h"
#include "loader/watch/watched.h"

struct embargo_notices {
	struct embargo_notices_callbacks callbacks;
	void *context;
	int by_handles; /* -1: not open; so all three */
	int by_files;
	int mounts;
	struct embargo_watched_table watched;
	bool is_full; /* of file systems; told once */
	pid_t begin;  /* behind which the next look at other namespaces begins; 0: with the first */
};

/* Takes what is in the queue of group @fd, as embargo_notices_read(). */
int embargo_notices_take(struct embargo_notices *notices, int fd);

#endif
