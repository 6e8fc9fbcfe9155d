/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a file arrived, as far as its file system can be believed. */
#ifndef EMBARGO_VERDICT_ARRIVAL_H
#define EMBARGO_VERDICT_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

struct embargo_arrival {
	int64_t ctime; /* ns since 1970 */
	bool unknown;  /* the ctime proves nothing: the file counts as new */
	bool on_fuse;  /* the kernel half does not hash there: a hung server would park the program
			*/
};

/* Errors: what fstat(2) and fstatfs(2) say. */
int embargo_arrival_read(int fd, struct embargo_arrival *arrival);

#endif
