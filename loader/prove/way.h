/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to run or load a file's bytes: one row each, in tables by what they have in common. */
#ifndef EMBARGO_PROVE_WAY_H
#define EMBARGO_PROVE_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"
#include "loader/prove/canary.h"
#include "loader/prove/ground.h"

/* Where the files of a way lie. */
enum embargo_way_place {
	EMBARGO_PLACE_TMPFS,	/* with a name, on the private tmpfs */
	EMBARGO_PLACE_LABELLED, /* without a name, where digests are remembered */
	EMBARGO_PLACE_MEMORY,	/* in no file system that anybody mounted */
};

/* One attempt, with one content, in a child of its own. */
struct embargo_attempt {
	const struct embargo_way *way;
	const struct embargo_ground *ground;
	const struct embargo_canary *canary;
	const uint8_t *bytes; /* of the canary: the listed ones or the twin's */
	size_t size;
	int channel; /* to who waits for us */
};

/*
 * A row. @attempt returns 0: the bytes ran, or were loaded; -ENOTSUP: this host has no such way;
 * else -errno. What it makes is gone with its process and the private tmpfs.
 */
struct embargo_way {
	const char *name;
	const char *what;
	const char *cases; /* of the tests that try the same in a virtual machine, by spaces */
	enum embargo_operation operation;
	enum embargo_way_place place;
	enum embargo_canary_kind kind;
	bool is_banned_later; /* ... while the attempt waits in embargo_attempt_await() */
	const char *absent;   /* why a host may have no such way */
	int (*attempt)(const struct embargo_attempt *attempt);
	const char *open; /* it is not closed, and why; it is told and not tried */
};

struct embargo_ways {
	const struct embargo_way *row;
	size_t count;
};

/* All of them, by what they have in common. */
extern const struct embargo_ways embargo_ways_exec;
extern const struct embargo_ways embargo_ways_place;
extern const struct embargo_ways embargo_ways_map;
extern const struct embargo_ways embargo_ways_change;
extern const struct embargo_ways embargo_ways_kernel;
extern const struct embargo_ways embargo_ways_told;

#endif
