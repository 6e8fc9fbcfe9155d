/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installing a generation: new inner maps, filled and frozen, then one number flipped. */
#ifndef EMBARGO_KERNEL_GENERATION_H
#define EMBARGO_KERNEL_GENERATION_H

#include "loader/base/diagnostic.h"
#include "loader/model/tables.h"

/* The maps that a generation is made of, as descriptors of the caller's. */
struct embargo_generation_maps {
	int digests;
	int sizes;
	int paths;
	int signers;
	int timelines;
	int reasons;
	int waived;
	int waiver_sets;
	int waivers;
	int parts;
	int generations;
	int sight_key;
	int current;
};

/*
 * Installs @tables as the generation after the one in force. Nothing of the old one is touched
 * before the flip, so a failure changes nothing: -ENOMEM or -E2BIG where the kernel has no room,
 * with the size needed.
 */
int embargo_generation_install(const struct embargo_generation_maps *maps,
			       const struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic);

/* Lets go of the maps of the generation before the one in force, once no judgement can be using
 * them; small ones stay until the next reload takes their place. */
void embargo_generation_release(const struct embargo_generation_maps *maps);

#endif
