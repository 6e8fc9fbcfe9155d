// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies a program into a file without a name (memfd, sealed memfd, O_TMPFILE) and executes that;
 * as waiting:MARK with MARK behind it, once there is something to be read. */
#include <stdbool.h>
#include <sys/mman.h>

#include "helper.h"

extern char **environ;

static int copy_to_memfd(const char *bytes, size_t size, bool sealed)
{
	int fd = memfd_create("nameless", sealed ? MFD_ALLOW_SEALING : 0);

	if (fd < 0)
		refuse("memfd_create");
	write_whole(fd, bytes, size);
	if (sealed &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		refuse("F_ADD_SEALS");
	return fd;
}

/* The writer must go, or the exec is ETXTBSY: what is left is a descriptor for reading. */
static int copy_to_tmpfile(const char *bytes, size_t size, const char *directory)
{
	int writer = open(directory, O_TMPFILE | O_WRONLY, 0755), fd;
	char path[64];

	if (writer < 0)
		refuse("O_TMPFILE");
	write_whole(writer, bytes, size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", writer);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		refuse("reopen");
	close(writer);
	return fd;
}

int main(int argc, char **argv)
{
	const char *mark = strncmp(argv[1] ? argv[1] : "", "waiting:", 8) ? NULL : argv[1] + 8;
	char *bytes, byte;
	size_t size;
	int fd;

	if (argc < 3) {
		fprintf(stderr, "usage: nameless writable|sealed|waiting:MARK|DIRECTORY PROGRAM "
				"[ARGUMENT...]\n");
		return 2;
	}
	bytes = read_whole(argv[2], &size);
	if (argv[1][0] == '/')
		fd = copy_to_tmpfile(bytes, size, argv[1]);
	else
		fd = copy_to_memfd(bytes, size, !strcmp(argv[1], "sealed"));
	free(bytes);
	if (mark) {
		write_whole(fd, mark, strlen(mark));
		if (read(0, &byte, 1) < 0)
			refuse("read");
	}
	fexecve(fd, argv + 2, environ);
	refuse("fexecve");
}
