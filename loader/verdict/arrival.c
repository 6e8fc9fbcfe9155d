// SPDX-License-Identifier: GPL-2.0-or-later
/* A file's arrival, from its inode and its file system. */
#include "loader/verdict/arrival.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "bpf/filesystem.h"
#include "loader/base/cleanup.h"
#include "loader/model/time.h"

/* The number of the mount that @fd was opened through, or -1. */
static int mount_of(int fd)
{
	char path[64], *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	size_t room = 0;
	int mount = -1;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0)
		if (sscanf(line, "mnt_id: %d", &mount) == 1)
			break;
	free(line);
	return mount;
}

/*
 * Is the file system as a whole read-only, and not just this mount of it? A line of mountinfo is
 * "NUMBER ... - TYPE SOURCE OPTIONS", and of the options "ro" or "rw" is the first.
 */
static bool is_read_only(int fd, bool otherwise)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_
	char *line = NULL;
	int mount = mount_of(fd), number;
	char options[3];
	size_t room = 0;

	while (file && mount >= 0 && getline(&line, &room, file) > 0) {
		const char *separator = strstr(line, " - ");

		if (sscanf(line, "%d", &number) != 1 || number != mount || !separator)
			continue;
		if (sscanf(separator, " - %*s %*s %2s", options) == 1)
			return !strcmp(options, "ro");
	}
	return otherwise;
}

int embargo_arrival_read(int fd, struct embargo_arrival *arrival)
{
	struct stat status;
	struct statfs system;
	bool read_only;

	if (fstat(fd, &status) || fstatfs(fd, &system))
		return -errno;
	/* statfs(2) tells of mount and file system in one: only a yes needs a second look. */
	read_only = (system.f_flags & ST_RDONLY) && is_read_only(fd, true);
	arrival->ctime = status.st_ctim.tv_sec * EMBARGO_SECOND_NS + status.st_ctim.tv_nsec;
	arrival->unknown = !embargo_filesystem_dates_arrival((uint32_t)system.f_type, read_only);
	arrival->on_fuse =
		embargo_filesystem_class((uint32_t)system.f_type) == EMBARGO_FILESYSTEM_FUSE;
	return 0;
}
