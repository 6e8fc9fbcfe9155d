/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ring: what the kernel half has met for the first time, read as it comes, and made up for where it
 * was lost. */
#ifndef EMBARGO_WATCH_RING_H
#define EMBARGO_WATCH_RING_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "bpf/abi.h"

struct embargo_ring;

/*
 * Opens the ring of what enforces and has all told again that was met before: nobody listened. A
 * nonzero return of @each ends a reading, and the rest comes later. Errors: -ENOENT where nothing
 * enforces, or -errno. The caller closes; NULL may be closed.
 */
int embargo_ring_open(sd_event *event,
		      int (*each)(void *context, const struct embargo_sighting *sighting),
		      void *context, struct embargo_ring **ring);
void embargo_ring_close(struct embargo_ring *ring);

/*
 * To be called now and then. Where sightings were lost since the last time, all files count as not
 * met, and are told again when they run again: then it returns 1. Else 0, or -errno.
 */
int embargo_ring_make_up(struct embargo_ring *ring);

#endif
