/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a handle on what enforces. */
#ifndef EMBARGO_KERNEL_HANDLE_H
#define EMBARGO_KERNEL_HANDLE_H

#include <bpf/libbpf.h>

#include "loader/kernel/enforcement.h"

/* The pinned maps; those of a generation first. */
enum embargo_map {
	EMBARGO_MAP_DIGESTS,
	EMBARGO_MAP_SIZES,
	EMBARGO_MAP_PATHS,
	EMBARGO_MAP_SIGNERS,
	EMBARGO_MAP_TIMELINES,
	EMBARGO_MAP_REASONS,
	EMBARGO_MAP_WAIVED,
	EMBARGO_MAP_WAIVER_SETS,
	EMBARGO_MAP_WAIVERS,
	EMBARGO_MAP_PARTS,
	EMBARGO_MAP_TABLES, /* so many a generation has; the others follow */
	EMBARGO_MAP_GENERATIONS = EMBARGO_MAP_TABLES,
	EMBARGO_MAP_CURRENT,
	EMBARGO_MAP_LEARNED,
	EMBARGO_MAP_LEARNED_SIZES,
	EMBARGO_MAP_CLOCK,
	EMBARGO_MAP_NOTES,
	EMBARGO_MAP_COUNTERS,
	EMBARGO_MAP_EVENTS,
	EMBARGO_MAP_SIGHTINGS,
	EMBARGO_MAP_RECENT,
	EMBARGO_MAP_OVERLAY_LABELS,
	EMBARGO_MAP_JUDGEMENTS,
	EMBARGO_MAP_COUNT,
};

struct embargo_enforcement {
	int maps[EMBARGO_MAP_COUNT];
	struct ring_buffer *ring; /* made at the first reading */
	embargo_event_reader each;
	void *context;
};

extern const char *const embargo_handle_names[];

#endif
