/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling that a policy in force has expired: once, when it does, or at the start where it had. */
#ifndef EMBARGO_DAEMON_EXPIRY_H
#define EMBARGO_DAEMON_EXPIRY_H

#include <stdint.h>
#include <time.h>

#include "loader/daemon/reporter.h"

/* All zero to begin with. */
struct embargo_expiry {
	struct timespec written; /* when the record that `next` was taken from was */
	int64_t next;		 /* the first expiry not told yet; INT64_MAX: none lies ahead */
};

/* Looks at the record of what is in force where that is a new one, and at @now, ns since 1970. */
void embargo_expiry_tell(struct embargo_expiry *expiry, struct embargo_reporter *reporter,
			 int64_t now);

#endif
