/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a scan looks: the trees that were named, or all that this host has. */
#ifndef EMBARGO_CLI_SCAN_ROOTS_H
#define EMBARGO_CLI_SCAN_ROOTS_H

#include <stddef.h>

struct embargo_inventory;

/* A named path may lead through a file system that does not answer: then it is given up. */
#define EMBARGO_SCAN_ROOT_MS 10000

/* Adds every local file system of this mount namespace. Says what is wrong; returns 0 or -errno. */
int embargo_scan_roots_add_all(struct embargo_inventory *inventory);

/*
 * Adds the tree or the file at @path, whose links are followed, and the local file systems mounted
 * below it. Not one that lies on a file system whose server may keep us waiting. Says what is
 * wrong; returns 0 or -errno.
 */
int embargo_scan_roots_add(struct embargo_inventory *inventory, const char *path);

#endif
