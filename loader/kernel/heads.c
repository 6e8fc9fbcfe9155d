// SPDX-License-Identifier: GPL-2.0-or-later
/* The heads in shared memory: the kernel half reads them while they are written. */
#include "loader/kernel/heads.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define HEADS_SIZE (2 * sizeof(struct embargo_generation))

int embargo_heads_open(int map, struct embargo_generation **heads)
{
	void *memory = mmap(NULL, HEADS_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (memory == MAP_FAILED)
		return -errno;
	*heads = memory;
	return 0;
}

void embargo_heads_release(struct embargo_generation *heads)
{
	if (heads)
		munmap(heads, HEADS_SIZE);
}

void embargo_heads_put(struct embargo_generation *heads, const struct embargo_generation *head,
		       __u64 number)
{
	struct embargo_generation *slot = &heads[number & 1];
	const size_t rest = offsetof(struct embargo_generation, number) + sizeof(slot->number);

	_Static_assert(offsetof(struct embargo_generation, number) == 0, "the number stands first");
	__atomic_store_n(&slot->number, 0, __ATOMIC_SEQ_CST);
	memcpy((char *)slot + rest, (const char *)head + rest, sizeof(*slot) - rest);
	slot->epoch = number;
	__atomic_store_n(&slot->number, number, __ATOMIC_SEQ_CST);
}

void embargo_heads_learn(struct embargo_generation *heads, __u64 number, __u64 size, __u32 scopes)
{
	struct embargo_generation *head = &heads[number & 1];
	__u32 bit = embargo_size_bit(size);

	__atomic_fetch_or(&head->size_filter[bit / 64], 1ULL << (bit & 63), __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&head->sized_scopes, scopes, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&head->epoch, EMBARGO_EPOCH_STEP, __ATOMIC_SEQ_CST);
}
