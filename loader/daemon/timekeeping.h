/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel half's clock, brought up to date; and its floor, kept for the next boot. */
#ifndef EMBARGO_DAEMON_TIMEKEEPING_H
#define EMBARGO_DAEMON_TIMEKEEPING_H

#include <stdbool.h>

#include "loader/daemon/reporter.h"
#include "loader/kernel/enforcement.h"

struct embargo_timekeeping {
	int timer;	 /* of CLOCK_REALTIME, which tells when that is set */
	int floor_error; /* told: why the floor was not kept the last time, -errno */
	bool behind;	 /* told that the clock is below its floor */
};

/* Has @timer tell, by ECANCELED, when somebody sets the clock next. Returns 0 or -errno. */
int embargo_timekeeping_arm(int timer);

/* When the clock was set, now and then, and at the end. What fails is told, once. */
void embargo_timekeeping_refresh(struct embargo_timekeeping *timekeeping,
				 struct embargo_reporter *reporter,
				 struct embargo_enforcement *enforcement);

/* Tells, once, that the clock was seen below its floor. */
void embargo_timekeeping_tell(struct embargo_timekeeping *timekeeping,
			      struct embargo_reporter *reporter,
			      struct embargo_enforcement *enforcement);

#endif
