/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of files for each test, as /proc, /sys and the like of a host: `root`. */
#ifndef EMBARGO_TESTS_UNIT_TREE_H
#define EMBARGO_TESTS_UNIT_TREE_H

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

static char root[] = "/tmp/embargo-tree-XXXXXX";

/* @format is a command of the shell's, with the root and then @argument in it. */
static inline void run(const char *format, const char *argument)
{
	char command[512];

	snprintf(command, sizeof(command), format, root, argument);
	assert_int_equal(system(command), 0);
}

/* Writes @size bytes into @path below the root, folders and all. */
static inline void put_bytes(const char *path, const void *bytes, size_t size)
{
	_cleanup_fclose_ FILE *file = NULL;
	char name[512];

	snprintf(name, sizeof(name), "%s/%s", root, path);
	run("mkdir -p \"$(dirname '%s/%s')\"", path);
	file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
}

static inline void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static inline int set_up(void **state)
{
	(void)state;
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static inline int tear_down(void **state)
{
	(void)state;
	run("rm -rf '%s%s'", "");
	return 0;
}

#endif
