// SPDX-License-Identifier: GPL-2.0-or-later
/* Executes a program whose file io_uring(7) has opened: no open(2) of ours is ever made. */
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helper.h"

extern char **environ;

struct ring {
	int fd;
	uint32_t *tail, *array;
	struct io_uring_sqe *entries;
	char *completions;
	uint32_t completion_offset;
};

static void *map_ring(int fd, size_t size, off_t offset)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	if (memory == MAP_FAILED)
		refuse("mmap of the ring");
	return memory;
}

static void set_up(struct ring *ring)
{
	struct io_uring_params p = { 0 };
	char *submissions;

	ring->fd = syscall(SYS_io_uring_setup, 1, &p);
	if (ring->fd < 0)
		refuse("io_uring_setup");
	submissions = map_ring(ring->fd, p.sq_off.array + p.sq_entries * sizeof(uint32_t),
			       IORING_OFF_SQ_RING);
	ring->tail = (uint32_t *)(submissions + p.sq_off.tail);
	ring->array = (uint32_t *)(submissions + p.sq_off.array);
	ring->entries = map_ring(ring->fd, p.sq_entries * sizeof(*ring->entries), IORING_OFF_SQES);
	ring->completions =
		map_ring(ring->fd, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
			 IORING_OFF_CQ_RING);
	ring->completion_offset = p.cq_off.cqes;
}

/* Opens @path for reading; returns a descriptor. */
static int open_by_ring(struct ring *ring, const char *path)
{
	const struct io_uring_cqe *completion;

	ring->entries[0] = (struct io_uring_sqe) {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY,
	};
	ring->array[0] = 0;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		refuse("io_uring_enter");
	completion = (const struct io_uring_cqe *)(ring->completions + ring->completion_offset);
	errno = -completion->res;
	if (completion->res < 0)
		refuse(path);
	return completion->res;
}

int main(int argc, char **argv)
{
	struct ring ring;
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: uring PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	set_up(&ring);
	fd = open_by_ring(&ring, argv[1]);
	syscall(SYS_execveat, fd, "", argv + 1, environ, AT_EMPTY_PATH);
	refuse("execveat");
}
