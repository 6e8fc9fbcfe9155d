/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths below a root, which may be an unpacked image: no link leads out of it. */
#ifndef EMBARGO_PACKAGES_ROOTED_H
#define EMBARGO_PACKAGES_ROOTED_H

#include <dirent.h>
#include <limits.h>
#include <stddef.h>

struct embargo_rooted {
	int root;
	char root_path[PATH_MAX]; /* links followed; "" for "/" */
	/* The folder of the last path: lists name one folder's files in a row. */
	int folder;
	char listed[PATH_MAX], resolved[PATH_MAX];
};

/* Errors: what open(2) says. On success embargo_rooted_close() is the caller's. */
int embargo_rooted_open(const char *root, struct embargo_rooted *rooted);
void embargo_rooted_close(struct embargo_rooted *rooted);

/*
 * Where @path, absolute below the root, lies once links to its folder are followed. Errors: -EINVAL
 * where it is no regular file, -ENAMETOOLONG, or what open(2) and stat(2) say.
 */
int embargo_rooted_resolve(struct embargo_rooted *rooted, const char *path,
			   char resolved[PATH_MAX]);

/* Reads the file at @path whole, as embargo_file_read() does. */
int embargo_rooted_read(const struct embargo_rooted *rooted, const char *path, size_t limit,
			char **data, size_t *size);

/* Opens the folder at @path; NULL, and errno, where it cannot be. */
DIR *embargo_rooted_folder(const struct embargo_rooted *rooted, const char *path);

#endif
