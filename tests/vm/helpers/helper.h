/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helper programs share: how they say that the kernel refused, and reading a file whole.
 */
#ifndef EMBARGO_TESTS_VM_HELPER_H
#define EMBARGO_TESTS_VM_HELPER_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Exit status of a helper whose system call failed: no program under test uses it. */
#define REFUSED 99

/* Prints "WHAT: EPERM" and ends: a test looks for the errno's name. */
static inline void __attribute__((noreturn)) refuse(const char *what)
{
	const char *name = strerrorname_np(errno);

	fprintf(stderr, "%s: %s\n", what, name ? name : "unknown errno");
	exit(REFUSED);
}

static inline int open_or_refuse(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0755);

	if (fd < 0)
		refuse(path);
	return fd;
}

/* The bytes of @path, to be freed; *@size is their number. */
static inline char *read_whole(const char *path, size_t *size)
{
	int fd = open_or_refuse(path, O_RDONLY);
	struct stat status;
	size_t done = 0;
	char *bytes;

	if (fstat(fd, &status))
		refuse("fstat");
	bytes = malloc(status.st_size + 1);
	while (bytes && done < (size_t)status.st_size) {
		ssize_t n = read(fd, bytes + done, status.st_size - done);

		if (n <= 0)
			refuse("read");
		done += n;
	}
	close(fd);
	if (!bytes)
		refuse("malloc");
	*size = done;
	return bytes;
}

static inline void write_whole(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n <= 0)
			refuse("write");
		bytes += n;
		size -= n;
	}
}

#endif
