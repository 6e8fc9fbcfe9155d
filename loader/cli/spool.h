/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output that is given whole or not at all: kept aside until what makes it has succeeded. */
#ifndef EMBARGO_CLI_SPOOL_H
#define EMBARGO_CLI_SPOOL_H

#include <stdio.h>

struct embargo_spool {
	FILE *out;	  /* to be written to */
	const char *path; /* the file that it will be, or NULL: standard output */
	char *aside;	  /* what that is called as yet, or NULL */
};

/*
 * Begins output for the file @path, which must outlive it, or for standard output where that is
 * NULL. Says what is wrong on standard error. Returns 0 or -errno.
 */
int embargo_spool_open(struct embargo_spool *spool, const char *path);

/* Gives all of it: replaces the file at once, or copies to standard output. As above. */
int embargo_spool_give(struct embargo_spool *spool);

/* Drops what was not given. Zeroed memory has nothing to drop. */
void embargo_spool_close(struct embargo_spool *spool);

#endif
