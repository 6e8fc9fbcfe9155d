// SPDX-License-Identifier: GPL-2.0-or-later
/* A process's files, by /proc. */
#include "loader/verdict/process.h"

#include <ctype.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

struct seen {
	dev_t device;
	ino_t inode;
};

bool embargo_process_is(const char *word)
{
	struct stat status;

	if (!*word || strlen(word) > 10)
		return false;
	for (const char *digit = word; *digit; digit++)
		if (!isdigit((unsigned char)*digit))
			return false;
	return lstat(word, &status) != 0;
}

/* Enters the file at @path into @seen; false where it is there already, or cannot be looked at. */
static bool is_new(const char *path, struct seen **seen, size_t *count)
{
	struct stat status;
	struct seen *larger;

	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return false;
	for (size_t i = 0; i < *count; i++)
		if ((*seen)[i].device == status.st_dev && (*seen)[i].inode == status.st_ino)
			return false;
	larger = realloc(*seen, (*count + 1) * sizeof(**seen));
	if (!larger)
		return false;
	*seen = larger;
	larger[(*count)++] = (struct seen) { .device = status.st_dev, .inode = status.st_ino };
	return true;
}

/*
 * How to open a mapped file: through map_files, which leads to the very file but is root's alone,
 * else by its name as the process sees it.
 */
static void open_by(const char *pid, const char *range, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "/proc/%s/map_files/%s", pid, range);
	if (access(path, R_OK))
		snprintf(path, PATH_MAX, "/proc/%s/root%s", pid, name);
}

/* One line of maps: "START-END PERMISSIONS OFFSET DEVICE INODE NAME" */
static const char *parse_mapping(char *line, char range[64])
{
	char permissions[8];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%63s %7s %*s %*s %*s %n", range, permissions, &name) < 2 || !name)
		return NULL;
	return permissions[2] == 'x' && line[name] == '/' ? line + name : NULL;
}

static int walk_mappings(const char *pid, FILE *maps, struct seen **seen, size_t *count,
			 int (*each)(void *, const char *, const char *, bool), void *context)
{
	_cleanup_free_
	char *line = NULL;
	char range[64], path[PATH_MAX];
	size_t room = 0;
	int result = 0;

	while (!result && getline(&line, &room, maps) > 0) {
		const char *name = parse_mapping(line, range);

		if (!name)
			continue;
		open_by(pid, range, name, path);
		if (is_new(path, seen, count))
			result = each(context, path, name, false);
	}
	return result;
}

int embargo_process_files(const char *pid,
			  int (*each)(void *context, const char *path, const char *name,
				      bool is_program),
			  void *context)
{
	_cleanup_fclose_ FILE *maps = NULL;
	_cleanup_free_
	struct seen *seen = NULL;
	char path[PATH_MAX], name[PATH_MAX];
	size_t count = 0;
	ssize_t length;
	int result;

	snprintf(path, sizeof(path), "/proc/%.10s/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		return errno == ENOENT ? -ESRCH : -errno;
	snprintf(path, sizeof(path), "/proc/%.10s/exe", pid);
	length = readlink(path, name, sizeof(name) - 1);
	if (length < 0) /* a thread of the kernel runs no file */
		return errno == ENOENT ? 0 : -errno;
	name[length] = '\0';
	is_new(path, &seen, &count);
	result = each(context, path, name, true);
	return result ? result : walk_mappings(pid, maps, &seen, &count, each, context);
}
