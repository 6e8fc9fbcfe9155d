// SPDX-License-Identifier: GPL-2.0-or-later
/* A process's files, by /proc. */
#include "loader/verdict/process.h"

#include <ctype.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* One line of maps: "START-END PERMISSIONS OFFSET DEVICE INODE NAME". Returns the name of code. */
static const char *parse_mapping(char *line, char range[64], uint64_t *device)
{
	unsigned int major, minor;
	char permissions[8];
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%63s %7s %*s %x:%x %*s %n", range, permissions, &major, &minor, &name) <
		    4 ||
	    !name)
		return NULL;
	*device = makedev(major, minor);
	return permissions[2] == 'x' && line[name] == '/' ? line + name : NULL;
}

/* Where the program lies, which only its mapping tells without asking its file system. */
static uint64_t device_of(const char *program, FILE *maps)
{
	_cleanup_free_
	char *line = NULL;
	uint64_t device = 0, found = 0;
	char range[64];
	size_t room = 0;

	while (!found && getline(&line, &room, maps) > 0) {
		const char *name = parse_mapping(line, range, &device);

		if (name && !strcmp(name, program))
			found = device;
	}
	rewind(maps);
	return found;
}

static int walk_mappings(const char *pid, FILE *maps,
			 int (*each)(void *context, const struct embargo_process_file *file),
			 void *context)
{
	_cleanup_free_
	char *line = NULL;
	char range[64], path[PATH_MAX];
	struct embargo_process_file file = { .path = path };
	size_t room = 0;
	int result = 0;

	while (!result && getline(&line, &room, maps) > 0) {
		file.name = parse_mapping(line, range, &file.device);
		if (!file.name)
			continue;
		snprintf(path, sizeof(path), "/proc/%.10s/map_files/%s", pid, range);
		result = each(context, &file);
	}
	return result;
}

int embargo_process_mappings(const char *pid,
			     int (*each)(void *context, const struct embargo_process_file *file),
			     void *context)
{
	_cleanup_fclose_ FILE *maps = NULL;
	char path[PATH_MAX], name[PATH_MAX];
	struct embargo_process_file program = { path, name, 0, true };
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
	program.device = device_of(name, maps);
	result = each(context, &program);
	return result ? result : walk_mappings(pid, maps, each, context);
}

struct files {
	const char *pid;
	struct seen *seen;
	size_t count;
	int (*each)(void *context, const char *path, const char *name, bool is_program);
	void *context;
};

/* What map_files leads to is root's alone: others go by the name as the process sees it. */
static int visit_file(void *context, const struct embargo_process_file *file)
{
	struct files *files = context;
	const char *path = file->path;
	char named[PATH_MAX];

	if (!file->is_program && access(path, R_OK)) {
		snprintf(named, sizeof(named), "/proc/%.10s/root%s", files->pid, file->name);
		path = named;
	}
	if (!is_new(path, &files->seen, &files->count) && !file->is_program)
		return 0;
	return files->each(files->context, path, file->name, file->is_program);
}

int embargo_process_files(const char *pid,
			  int (*each)(void *context, const char *path, const char *name,
				      bool is_program),
			  void *context)
{
	struct files files = { .pid = pid, .each = each, .context = context };
	int result = embargo_process_mappings(pid, visit_file, &files);

	free(files.seen);
	return result;
}
