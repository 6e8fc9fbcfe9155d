/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `doctor` finds: one statement about this host, and what to do where it is no good one. */
#ifndef EMBARGO_HOST_FINDING_H
#define EMBARGO_HOST_FINDING_H

#include <stddef.h>

#include "loader/host/host.h"

/* From best to worst. */
enum embargo_health {
	EMBARGO_HEALTH_UNKNOWN,
	EMBARGO_HEALTH_GOOD,
	EMBARGO_HEALTH_LIMITED, /* enforcement works, and there is something that it does not cover
				 */
	EMBARGO_HEALTH_BROKEN,	/* nothing can be enforced */
	EMBARGO_HEALTH_COUNT,
};

#define EMBARGO_FINDING_TEXT 1024

struct embargo_finding {
	const char *name; /* of what was looked at */
	enum embargo_health health;
	char what[EMBARGO_FINDING_TEXT];
	char remedy[EMBARGO_FINDING_TEXT]; /* "" where there is nothing to do */
};

const char *embargo_health_name(enum embargo_health health);

void embargo_finding_what(struct embargo_finding *finding, enum embargo_health health,
			  const char *format, ...) __attribute__((format(printf, 3, 4)));
void embargo_finding_remedy(struct embargo_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* At most this many come from embargo_findings_host(). */
#define EMBARGO_FINDINGS_HOST 16

/* What follows from @host alone. Returns how many there are. */
size_t embargo_findings_host(const struct embargo_host *host,
			     struct embargo_finding findings[static EMBARGO_FINDINGS_HOST]);

#endif
