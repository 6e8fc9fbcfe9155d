/* SPDX-License-Identifier: GPL-2.0-or-later */
/* io_uring(7) for helpers: a ring of one entry, by system calls alone. */
#ifndef EMBARGO_TESTS_VM_RING_H
#define EMBARGO_TESTS_VM_RING_H

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helper.h"

struct ring {
	int fd;
	struct io_uring_params params;
	char *queue; /* submission and completion rings, one mapping */
	struct io_uring_sqe *entries;
};

static inline void open_ring(struct ring *r)
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

/* Has the ring do @entry, alone; returns what came of it. */
static inline int submit(struct ring *r, const struct io_uring_sqe *entry, const char *what)
{
	unsigned int *tail = (unsigned int *)(r->queue + r->params.sq_off.tail);
	unsigned int *head = (unsigned int *)(r->queue + r->params.cq_off.head);
	const struct io_uring_cqe *done =
		(const struct io_uring_cqe *)(r->queue + r->params.cq_off.cqes);
	unsigned int mask = r->params.cq_entries - 1;
	int result;

	*r->entries = *entry;
	((unsigned int *)(r->queue + r->params.sq_off.array))[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		refuse("io_uring_enter");
	result = done[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (result < 0) {
		errno = -result;
		refuse(what);
	}
	return result;
}

#endif
