// SPDX-License-Identifier: GPL-2.0-or-later
/* Lowering the priority of work that can wait. */
#include "loader/watch/priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int embargo_priority_lower(void)
{
	const struct sched_param none = { .sched_priority = 0 };
	int error = 0;

	if (setpriority(PRIO_PROCESS, 0, 19))
		error = -errno;
	/* Nice 19 still takes its share from each CPU that is busy; this one takes what is left. */
	if (sched_setscheduler(0, SCHED_IDLE, &none) && !error)
		error = -errno;
	/* The C library has no function for it. 0: the calling thread. */
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		    IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)) &&
	    !error)
		error = -errno;
	return error;
}
