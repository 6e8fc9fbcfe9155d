/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heads of the two generations, as memory that is shared with the kernel half. */
#ifndef EMBARGO_KERNEL_HEADS_H
#define EMBARGO_KERNEL_HEADS_H

#include "bpf/abi.h"

/*
 * Both heads are one value of one map: to write it whole would undo what was learned meanwhile in
 * the other generation. Maps the pinned map behind @map; @heads has two of them, by number & 1.
 * Returns 0 or -errno; embargo_heads_release() takes NULL too.
 */
int embargo_heads_open(int map, struct embargo_generation **heads);
void embargo_heads_release(struct embargo_generation *heads);

/*
 * Puts @head, under @number, into the slot of the generation before the one in force, which nobody
 * begins to read any more, with the fields that follow from others. The number comes last.
 */
void embargo_heads_put(struct embargo_generation *heads, const struct embargo_generation *head,
		       __u64 number);

/* Makes files of @size bytes be hashed in @scopes too, and what was found on no list be looked up
 * again; what is to be found then must be there already. */
void embargo_heads_learn(struct embargo_generation *heads, __u64 number, __u64 size, __u32 scopes);

#endif
