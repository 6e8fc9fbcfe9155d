/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cgroup's name from its number: what a person knows it by. */
#ifndef EMBARGO_EVENT_CGROUP_H
#define EMBARGO_EVENT_CGROUP_H

#include <stdint.h>
#include <sys/types.h>

/* Longer names are told by their number. */
#define EMBARGO_CGROUP_TEXT 1024

/* How many names are remembered: more than the services that offend at one time. */
#define EMBARGO_CGROUP_CACHE 64

struct embargo_cgroup_cache {
	unsigned int next;
	struct {
		uint64_t id;
		char text[EMBARGO_CGROUP_TEXT];
	} known[EMBARGO_CGROUP_CACHE];
};

/*
 * The path of cgroup @id below the root of the hierarchy ("/system.slice/x.service"), or its number
 * where it is gone. @pid and @ppid are where it is likely found without a search. Needs no
 * privilege: a cgroup's number is the inode number of its directory.
 */
const char *embargo_cgroup_name(struct embargo_cgroup_cache *cache, uint64_t id, pid_t pid,
				pid_t ppid);

#endif
