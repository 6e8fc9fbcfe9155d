// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes programs that differ in their last bytes only: copies of one, as large as asked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "distinct: %s: %s\n", what, strerror(errno));
	return 1;
}

static int write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, bytes, size);
	return close(fd) || done != (ssize_t)size ? -EIO : 0;
}

int main(int argc, char **argv)
{
	long count = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
	long size = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
	struct stat template;
	char *bytes;
	int fd;

	if (count <= 0 || size <= 0) {
		fprintf(stderr, "usage: distinct TEMPLATE FOLDER COUNT SIZE\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &template))
		return fail(argv[1]);
	if (size < template.st_size + (long)sizeof(long)) {
		fprintf(stderr, "distinct: %s has more than %ld bytes\n", argv[1], size);
		return 2;
	}
	bytes = calloc(1, size);
	if (!bytes || read(fd, bytes, template.st_size) != template.st_size)
		return fail(argv[1]);
	if (mkdir(argv[2], 0755))
		return fail(argv[2]);
	for (long i = 0; i < count; i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%03ld", argv[2], i);
		memcpy(bytes + size - sizeof(i), &i, sizeof(i));
		if (write_file(path, bytes, size))
			return fail(path);
	}
	return 0;
}
