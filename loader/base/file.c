// SPDX-License-Identifier: GPL-2.0-or-later
/* Bounded reading of regular files. */
#include "loader/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

static int check_regular(const struct stat *status)
{
	if (S_ISDIR(status->st_mode))
		return -EISDIR;
	return S_ISREG(status->st_mode) ? 0 : -EINVAL;
}

int embargo_file_open(const char *path, int *fd, struct stat *status)
{
	_cleanup_close_ int opened = -1;
	struct stat found;
	int error;

	if (stat(path, &found))
		return -errno;
	error = check_regular(&found);
	if (error)
		return error;
	/* O_NONBLOCK and O_NOCTTY: what was a file at stat(2) may be a FIFO or a terminal now. */
	opened = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (opened < 0 || fstat(opened, &found))
		return -errno;
	error = check_regular(&found);
	if (error)
		return error;
	if (status)
		*status = found;
	*fd = TAKE_FD(opened);
	return 0;
}

int embargo_file_reopen(int fd, int *opened)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	char name[64];
	struct stat status;
	int anew;

	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	anew = open(name, flags | O_NOATIME);
	/* Another's file, without CAP_FOWNER. */
	if (anew < 0 && errno == EPERM)
		anew = open(name, flags);
	if (anew < 0)
		return -errno;
	*opened = anew;
	return 0;
}

ssize_t embargo_file_pread(int fd, void *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	ssize_t got;

	while (done < size) {
		got = pread(fd, (char *)buffer + done, size - done, offset + done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += got;
	}
	return done;
}

/* Reads by size found, not by size told: files of /proc say 0, and a file may grow meanwhile. */
int embargo_file_read_all(int fd, size_t limit, char **data, size_t *size)
{
	_cleanup_free_
	char *buffer = NULL;
	size_t room = 4096, used = 0;
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status))
		return -errno;
	if (status.st_size > 0 && (uint64_t)status.st_size > limit)
		return -EFBIG;
	/* One byte more than there should be: its absence is the end. */
	if (status.st_size >= (off_t)room)
		room = status.st_size + 1;
	for (;;) {
		char *larger = realloc(buffer, room + 1);

		if (!larger)
			return -ENOMEM;
		buffer = larger;
		got = embargo_file_pread(fd, buffer + used, room - used, used);
		if (got < 0)
			return got;
		used += got;
		if (used > limit)
			return -EFBIG;
		if (used < room)
			break;
		room *= 2;
	}
	buffer[used] = '\0';
	*data = TAKE_PTR(buffer);
	*size = used;
	return 0;
}

int embargo_file_read(const char *path, size_t limit, char **data, size_t *size)
{
	_cleanup_close_ int fd = -1;
	int error = embargo_file_open(path, &fd, NULL);

	return error ? error : embargo_file_read_all(fd, limit, data, size);
}

int embargo_file_write(int fd, const void *bytes, size_t size)
{
	size_t done = 0;
	ssize_t written;

	while (done < size) {
		written = write(fd, (const char *)bytes + done, size - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		done += (size_t)written;
	}
	return 0;
}

bool embargo_file_is_at(int fd, const char *path)
{
	struct stat opened, named;

	return path[0] == '/' && !fstat(fd, &opened) && !lstat(path, &named) &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

const char *embargo_file_error(int error)
{
	if (error == -EINVAL)
		return "is no regular file";
	if (error == -EISDIR)
		return "is a directory, not a file";
	return strerror(-error);
}
