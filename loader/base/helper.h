/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ours that do one thing in a process of their own, and print what they found. */
#ifndef EMBARGO_BASE_HELPER_H
#define EMBARGO_BASE_HELPER_H

#include <limits.h>
#include <sys/types.h>

struct embargo_helper {
	pid_t child;
	int output; /* what it prints; the caller's to close */
};

/*
 * Where the program @name is: beside this one where that was built, or in the folder of helpers
 * where it was installed. Returns 0, or -ENOENT with the path where it should have been.
 */
int embargo_helper_find(const char *name, char path[PATH_MAX]);

/*
 * Runs @program with @arguments (its name first, NULL last) and the descriptor @input, or nothing
 * where that is negative; without any setting of whoever calls. Returns 0 or -errno.
 */
int embargo_helper_start(const char *program, const char *const *arguments, int input,
			 struct embargo_helper *helper);

/* Waits until it has ended. Returns 0 where that was well, or -EIO. */
int embargo_helper_wait(const struct embargo_helper *helper);

#endif
