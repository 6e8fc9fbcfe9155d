/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock's floor: the earliest that "now" may be, kept over reboots, so that a clock set back
 * undoes no date. */
#ifndef EMBARGO_KERNEL_CLOCK_H
#define EMBARGO_KERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"

#define EMBARGO_FLOOR_FILE "/var/lib/embargo/floor"

struct embargo_floor {
	int64_t ns;  /* since 1970-01-01T00:00:00Z */
	bool behind; /* the clock was seen below the floor: ctimes prove nothing, deny-new means
			deny */
};

/* The persisted floor, never below the date of this build; anyone may read it. Never fails. */
void embargo_floor_read(struct embargo_floor *floor);

/* Writes it whole or not at all. Returns 0 or -errno. */
int embargo_floor_write(const struct embargo_floor *floor);

/* What the kernel half would call now on this host, ns since 1970: the wall clock, or the floor
 * where that is later. */
int64_t embargo_clock_now(void);

/*
 * The clock of a kernel half that starts now, from the highest of the persisted floor, the build
 * date and @issued (INT64_MIN: none); the wall clock counts only while it is known to be
 * synchronised. @floor gets what to persist.
 */
void embargo_clock_start(int64_t issued, struct embargo_clock *clock, struct embargo_floor *floor);

/*
 * Brings @clock up to date after the wall clock was set, or as time goes by; @floor gets what to
 * persist. `behind` is the caller's to keep.
 */
void embargo_clock_refresh(struct embargo_clock *clock, struct embargo_floor *floor);

#endif
