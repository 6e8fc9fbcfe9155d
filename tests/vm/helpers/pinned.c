// SPDX-License-Identifier: GPL-2.0-or-later
/* Overwrites a file through pages pinned by io_uring, when its mapping and descriptors are long
 * gone. */
#include <sys/uio.h>

#include "ring.h"

/* Reads @source into the pinned pages that stood at @address: the only thing the ring is asked. */
static void read_into_pinned(struct ring *r, int source, void *address, size_t size)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_READ_FIXED,
		.fd = source,
		.addr = (unsigned long)address,
		.len = size,
	};

	errno = EIO;
	if (submit(r, &entry, "READ_FIXED") != (int)size)
		refuse("READ_FIXED");
}

int main(int argc, char **argv)
{
	struct stat status;
	struct iovec pages;
	struct ring ring;
	int target, source;

	if (argc != 3) {
		fprintf(stderr, "usage: pinned TARGET SOURCE\n");
		return 2;
	}
	target = open_or_refuse(argv[1], O_RDWR);
	source = open_or_refuse(argv[2], O_RDONLY);
	if (fstat(source, &status))
		refuse("fstat");
	pages.iov_len = status.st_size;
	pages.iov_base = mmap(NULL, pages.iov_len, PROT_READ | PROT_WRITE, MAP_SHARED, target, 0);
	if (pages.iov_base == MAP_FAILED)
		refuse("mmap");
	open_ring(&ring);
	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &pages, 1))
		refuse("io_uring_register");
	munmap(pages.iov_base, pages.iov_len);
	close(target);
	printf("pinned\n");
	fflush(stdout);
	getchar();
	read_into_pinned(&ring, source, pages.iov_base, pages.iov_len);
	printf("written\n");
	fflush(stdout);
	getchar();
	return 0;
}
