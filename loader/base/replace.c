// SPDX-License-Identifier: GPL-2.0-or-later
/* Replacing a file by one written beside it. */
#include "loader/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

int embargo_file_open_beside(const char *path, char *beside, mode_t mode)
{
	int fd;

	if (snprintf(beside, PATH_MAX, "%s.new.XXXXXX", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	beside[strlen(beside) - strlen(".XXXXXX")] = 0;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0 || errno != EEXIST)
		return fd < 0 ? -errno : fd;
	beside[strlen(beside)] = '.';
	fd = mkostemp(beside, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const void *bytes, size_t size, mode_t mode)
{
	int error = embargo_file_write(fd, bytes, size);

	return error ? error : fsync(fd) || fchmod(fd, mode) ? -errno : 0;
}

static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	_cleanup_close_ int folder = -1;

	snprintf(copy, sizeof(copy), "%s", path);
	folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 || fsync(folder) ? -errno : 0;
}

int embargo_file_replace(const char *path, const void *bytes, size_t size, mode_t mode)
{
	char beside[PATH_MAX];
	_cleanup_close_ int fd = embargo_file_open_beside(path, beside, 0600);
	int error;

	if (fd < 0)
		return fd;
	error = write_all(fd, bytes, size, mode);
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	return error ? error : sync_folder(path);
}
