/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What time it is: never below the floor, whatever was done to the clock. */
#ifndef EMBARGO_BPF_CLOCK_H
#define EMBARGO_BPF_CLOCK_H

#include "decide.h"
#include "maps.h"

/* The wall clock alone, ns since 1970; up to 37 s off until NTP has set the TAI offset and the
 * loader seen it. */
static __always_inline __s64 clock_wall(void)
{
	__u32 zero = 0;
	struct embargo_clock *set = bpf_map_lookup_elem(&clock, &zero);

	return set ? (__s64)bpf_ktime_get_tai_ns() - set->tai_offset : 0;
}

/*
 * now = max(wall clock, base + time since boot). The second term rises by itself and cannot be set.
 * Notes when the wall clock stands below it: from then on a ctime proves nothing.
 */
static __always_inline __s64 clock_now(bool *behind)
{
	__u32 zero = 0;
	struct embargo_clock *set = bpf_map_lookup_elem(&clock, &zero);
	struct embargo_notes *noted = bpf_map_lookup_elem(&notes, &zero);
	__s64 wall, floor;

	*behind = false;
	if (!set || !noted)
		return 0;
	wall = (__s64)bpf_ktime_get_tai_ns() - set->tai_offset;
	floor = set->base + (__s64)bpf_ktime_get_boot_ns();
	if (embargo_clock_is_behind(wall, floor))
		noted->clock_behind = 1;
	*behind = noted->clock_behind;
	return wall > floor ? wall : floor;
}

#endif
