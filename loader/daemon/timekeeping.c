// SPDX-License-Identifier: GPL-2.0-or-later
/* Timekeeping: what the kernel half takes for now, and the floor below which that never falls. */
#include "loader/daemon/timekeeping.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <syslog.h>

#include "loader/event/to_journal.h"
#include "loader/kernel/clock.h"

/* It never comes due. */
int embargo_timekeeping_arm(int timer)
{
	const struct itimerspec never = { .it_value.tv_sec = INT64_C(1) << 40 };

	return timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL)
		       ? -errno
		       : 0;
}

/* Once, and not each minute for as long as a disk is full. */
static void tell_floor(struct embargo_timekeeping *timekeeping, struct embargo_reporter *reporter,
		       int error)
{
	if (error && error != timekeeping->floor_error)
		embargo_reporter_say(reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     "cannot keep the clock's floor in " EMBARGO_FLOOR_FILE
				     ": %s; a boot with a wrong clock could undo a date: make room "
				     "there, or make it writable",
				     strerror(-error));
	else if (!error && timekeeping->floor_error)
		embargo_reporter_say(reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
				     "the clock's floor is kept in " EMBARGO_FLOOR_FILE " again");
	timekeeping->floor_error = error;
}

void embargo_timekeeping_refresh(struct embargo_timekeeping *timekeeping,
				 struct embargo_reporter *reporter,
				 struct embargo_enforcement *enforcement)
{
	struct embargo_floor floor;
	struct embargo_clock clock;
	int error;

	if (embargo_enforcement_clock(enforcement, &clock))
		return;
	embargo_floor_read(&floor);
	embargo_clock_refresh(&clock, &floor);
	floor.behind = floor.behind || timekeeping->behind;
	error = embargo_enforcement_clock_set(enforcement, &clock);
	if (error)
		embargo_reporter_say(reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
				     "cannot bring the clock up to date: %s", strerror(-error));
	tell_floor(timekeeping, reporter, embargo_floor_write(&floor));
}

void embargo_timekeeping_tell(struct embargo_timekeeping *timekeeping,
			      struct embargo_reporter *reporter,
			      struct embargo_enforcement *enforcement)
{
	struct embargo_notes notes;

	if (timekeeping->behind || embargo_enforcement_notes(enforcement, &notes) ||
	    !notes.clock_behind)
		return;
	timekeeping->behind = true;
	embargo_reporter_say(reporter, LOG_WARNING, EMBARGO_MESSAGE_CLOCK,
			     "the clock was set back below its floor; no date is undone by it, and "
			     "deny-new counts every file as new from now on");
}
