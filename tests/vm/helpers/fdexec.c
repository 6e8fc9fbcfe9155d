// SPDX-License-Identifier: GPL-2.0-or-later
/* Executes a file that is already open: by fexecve, /proc/self/fd, a directory's descriptor, or
 * unlinked. */
#include <libgen.h>
#include <sys/syscall.h>

#include "helper.h"

extern char **environ;

int main(int argc, char **argv)
{
	char *copy, path[64];
	int fd;

	if (argc < 3) {
		fprintf(stderr, "usage: fdexec fexecve|proc|at|unlinked PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	if (!strcmp(argv[1], "at")) {
		copy = strdup(argv[2]);
		fd = open_or_refuse(dirname(copy), O_RDONLY | O_DIRECTORY);
		free(copy);
		copy = strdup(argv[2]);
		syscall(SYS_execveat, fd, basename(copy), argv + 2, environ, 0);
		refuse("execveat");
	}
	fd = open(argv[2], O_RDONLY);
	if (fd < 0)
		refuse(argv[2]);
	if (!strcmp(argv[1], "proc")) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		execve(path, argv + 2, environ);
		refuse("execve");
	}
	if (!strcmp(argv[1], "unlinked") && unlink(argv[2]))
		refuse("unlink");
	fexecve(fd, argv + 2, environ);
	refuse("fexecve");
}
