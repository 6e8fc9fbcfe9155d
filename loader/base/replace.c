// SPDX-License-Identifier: GPL-2.0-or-later
/* Replacing a file by one written beside it. */
#include "loader/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

static int write_beside(const char *beside, const void *bytes, size_t size, mode_t mode)
{
	_cleanup_close_ int fd = -1;
	int error;

	/* What a power cut left; and never through a link. */
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = embargo_file_write(fd, bytes, size);
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
	int error;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", path) >= sizeof(beside))
		return -ENAMETOOLONG;
	error = write_beside(beside, bytes, size, mode);
	if (!error && rename(beside, path))
		error = -errno;
	if (error)
		unlink(beside);
	return error ? error : sync_folder(path);
}
