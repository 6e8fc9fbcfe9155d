// SPDX-License-Identifier: GPL-2.0-or-later
/* Overwrites a file through pages pinned by io_uring, when its mapping and descriptors are long
 * gone. */
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "helper.h"

struct ring {
	int fd;
	struct io_uring_params params;
	char *queue; /* submission and completion rings, one mapping */
	struct io_uring_sqe *entries;
};

static void open_ring(struct ring *r)
{
	size_t size;

	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 1, &r->params);
	if (r->fd < 0)
		refuse("io_uring_setup");
	size = r->params.cq_off.cqes + r->params.cq_entries * sizeof(struct io_uring_cqe);
	r->queue = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	r->entries = mmap(NULL, sizeof(*r->entries), PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
			  IORING_OFF_SQES);
	if (r->queue == MAP_FAILED || r->entries == MAP_FAILED)
		refuse("mmap of the ring");
}

/* Reads @source into the pinned pages that stood at @address: the only thing the ring is asked. */
static void read_into_pinned(struct ring *r, int source, void *address, size_t size)
{
	const struct io_sqring_offsets *sq = &r->params.sq_off;
	unsigned int *tail = (unsigned int *)(r->queue + sq->tail);
	const struct io_uring_cqe *done =
		(const struct io_uring_cqe *)(r->queue + r->params.cq_off.cqes);

	*r->entries = (struct io_uring_sqe) { .opcode = IORING_OP_READ_FIXED,
					      .fd = source,
					      .addr = (unsigned long)address,
					      .len = size };
	((unsigned int *)(r->queue + sq->array))[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		refuse("io_uring_enter");
	if (done->res != (int)size) {
		errno = done->res < 0 ? -done->res : EIO;
		refuse("READ_FIXED");
	}
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
