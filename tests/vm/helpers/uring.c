// SPDX-License-Identifier: GPL-2.0-or-later
/* Executes a program whose file io_uring(7) has opened: no open(2) of ours is ever made. */
#include "ring.h"

extern char **environ;

int main(int argc, char **argv)
{
	struct io_uring_sqe opening = {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.open_flags = O_RDONLY,
	};
	struct ring ring;
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: uring PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	opening.addr = (unsigned long)argv[1];
	open_ring(&ring);
	fd = submit(&ring, &opening, argv[1]);
	syscall(SYS_execveat, fd, "", argv + 1, environ, AT_EMPTY_PATH);
	refuse("execveat");
}
