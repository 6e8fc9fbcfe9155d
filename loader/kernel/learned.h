/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests that are learned while a generation is in force, put where the kernel half finds them. */
#ifndef EMBARGO_KERNEL_LEARNED_H
#define EMBARGO_KERNEL_LEARNED_H

#include <stddef.h>

#include "bpf/abi.h"

/* A handle that works by its descriptors alone: no capability is needed once it is open. */
struct embargo_learned;

/* Opens the pins of what enforces; -ENOENT: nothing does. The caller closes; NULL may be closed. */
int embargo_learned_open(struct embargo_learned **learned);
void embargo_learned_close(struct embargo_learned *learned);

/* The number of the generation in force, or -errno. */
int embargo_learned_generation(const struct embargo_learned *learned, __u64 *number);

/*
 * From now on @digest, of a content of @size bytes, falls under the rules whose timelines, of the
 * generation @number, are the @count ones in @timelines, wherever it is looked up in @scopes; where
 * it is opened those of them whose bit is set in @opens. What
 * was learned of it before is replaced. One process at a time may do this.
 *
 * -ESTALE: another generation is in force, or came meanwhile: match the file by its rules, and come
 * again. -E2BIG: EMBARGO_LEARNED_MAX digests are there; the next generation has room again.
 * -EINVAL: neither timeline nor waiver, or more than EMBARGO_LEARNED_TIMELINES.
 */
int embargo_learned_add(struct embargo_learned *learned, __u64 number,
			const struct embargo_digest *digest, __u64 size, __u32 scopes,
			const __u32 *timelines, size_t count, __u32 opens,
			const struct embargo_waiver_set *waived);

/* Removes what was learned in former generations. Returns how many digests that were, or -errno. */
int embargo_learned_sweep(struct embargo_learned *learned);

/* How many digests were learned in the generation in force, and for how many there still is room.
 */
int embargo_learned_count(const struct embargo_learned *learned, size_t *count, size_t *room);

#endif
