/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what the kernel half has seen executed or mapped for the first time. */
#ifndef EMBARGO_KERNEL_SIGHTINGS_H
#define EMBARGO_KERNEL_SIGHTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

/* A handle that works by its descriptors alone: no capability is needed once it is open. */
struct embargo_sightings;

/* Opens the pins of what enforces; -ENOENT: nothing does. The caller closes; NULL may be closed. */
int embargo_sightings_open(struct embargo_sightings **sightings);
void embargo_sightings_close(struct embargo_sightings *sightings);

/* A descriptor to poll for EPOLLIN; it belongs to the handle. */
int embargo_sightings_fd(const struct embargo_sightings *sightings);

/*
 * Calls @each for what is there, without waiting; a nonzero return ends the reading and is handed
 * on. The path ends in NUL and is as long as it says; it is empty where it could not be had, and
 * the file's name alone where a mapping turned executable. Reading takes records out. Returns how
 * many there were, or -errno.
 */
int embargo_sightings_read(struct embargo_sightings *sightings,
			   int (*each)(void *context, const struct embargo_sighting *sighting),
			   void *context);

/* Forgets all that was seen: each file is told again when it is next executed or mapped. For a
 * reader that was not there before, and where some were lost. Returns 0 or -errno. */
int embargo_sightings_forget(struct embargo_sightings *sightings);

/* How many found the ring full since enforcement began, into @lost. Returns 0 or -errno. */
int embargo_sightings_lost(const struct embargo_sightings *sightings, uint64_t *lost);

/* For a new generation, of which rules classify in the scopes @classifies: all files count as not
 * seen, or none is looked at. @map is that of the key. Returns 0 or -errno. */
int embargo_sightings_begin(int map, __u32 classifies);

#endif
