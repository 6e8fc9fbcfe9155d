/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inventory: finds the files on a host that may be code, a step at a time. */
#ifndef EMBARGO_WATCH_INVENTORY_H
#define EMBARGO_WATCH_INVENTORY_H

#include <stdbool.h>
#include <stdint.h>

/* Names looked at in one step: each may cost a disk that turns 10 ms. */
#define EMBARGO_INVENTORY_STEP 16

/* Folders within each other; a path that is deeper, or longer than PATH_MAX, is counted and passed
 * over. */
#define EMBARGO_INVENTORY_DEPTH 128

/* Bytes of names of one folder that are kept: the rest is read when these are done. With the depth,
 * this is the bound on memory. */
#define EMBARGO_INVENTORY_NAMES (32u << 10)

/* Trees that wait their turn. */
#define EMBARGO_INVENTORY_ROOTS 16384

/* Files of several names that are remembered as seen; beyond, one may be given twice. */
#define EMBARGO_INVENTORY_LINKS 65536

/*
 * A regular file is given where its mode, its name or its first bytes say that it may be code
 * (loader/watch/candidate.h). Empty files are not given; large ones are.
 *
 * A walk stays within one mount and follows no link. It holds nothing open between two steps, so
 * that no file system is kept from being unmounted: a tree that has gone is given up. What a mount
 * hides is not found. Files made meanwhile may be missed: the notices tell of those.
 */
struct embargo_inventory;

struct embargo_inventory_file {
	int fd;		  /* open for reading; the receiver's to close */
	const char *path; /* until the next call */
};

/* For `status`. */
struct embargo_inventory_progress {
	uint64_t seen;	   /* files looked at, of any kind */
	uint64_t given;	   /* those that may be code */
	uint64_t expected; /* about how many there are in all; 0: not known */
	uint64_t skipped;  /* files and folders that could not be opened, or lie too deep */
	uint64_t mounted;  /* those on which something is mounted: trees of their own */
	uint64_t roots;	   /* trees that are not done */
	bool is_done;
};

/* Empty at first. Returns 0 or -ENOMEM. */
int embargo_inventory_open(struct embargo_inventory **inventory);
void embargo_inventory_close(struct embargo_inventory *inventory);

/* Gives a file of several names by each of them: a rule may be about one of its paths. */
void embargo_inventory_give_each_name(struct embargo_inventory *inventory);

/* Gives all files, also what is no code. */
void embargo_inventory_give_all(struct embargo_inventory *inventory);

/*
 * Adds the tree at @path, or the one file; behind those that wait already, unless it is among them.
 * Errors: -ENOSPC where too many wait, -ENOMEM, or as open(2).
 */
int embargo_inventory_add(struct embargo_inventory *inventory, const char *path);

/*
 * Takes a step. Returns 1 and fills @file where it came upon a file; -EAGAIN where it did not and
 * there is more to look at; 0 when all is done, until something is added. Other errors: -ENOMEM.
 * Waits for nothing but the disk.
 */
int embargo_inventory_next(struct embargo_inventory *inventory,
			   struct embargo_inventory_file *file);

/* How far it is, since it was last done. */
void embargo_inventory_progress(const struct embargo_inventory *inventory,
				struct embargo_inventory_progress *progress);

#endif
