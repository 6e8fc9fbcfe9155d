/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in force, read back out of the kernel: the files that it came from may have changed. */
#ifndef EMBARGO_KERNEL_READBACK_H
#define EMBARGO_KERNEL_READBACK_H

#include "loader/kernel/enforcement.h"

/* A digest that was learned in the generation in force, and the rules that it falls under. */
struct embargo_readback_learned {
	struct embargo_digest digest;
	struct embargo_learned_digest learned;
};

struct embargo_readback {
	struct embargo_tables tables;		  /* its `rule_timelines` are not in the kernel */
	struct embargo_readback_learned *learned; /* by digest, ascending, each once */
	size_t learned_count;
};

/*
 * Reads the generation in force: some 80 bytes of memory a digest while it goes on, 40 afterwards.
 * The caller frees @readback. Needs CAP_SYS_ADMIN. Errors: -ENOENT where nothing is in force,
 * -EAGAIN where one generation after the other came meanwhile, -ENOMEM, or what the kernel said.
 */
int embargo_readback_read(const struct embargo_enforcement *enforcement,
			  struct embargo_readback *readback);
void embargo_readback_free(struct embargo_readback *readback);

/* What was learned of @digest, or NULL. */
const struct embargo_learned_digest *embargo_readback_learned_find(
	const struct embargo_readback *readback, const struct embargo_digest *digest);

#endif
