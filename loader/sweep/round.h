/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sweep: what runs, and is refused at a moment, is reported, and stopped where its rule says
 * so. */
#ifndef EMBARGO_SWEEP_ROUND_H
#define EMBARGO_SWEEP_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/enact/policies.h"

/* Lines of one sweep in the journal; what is more is counted. */
#define EMBARGO_ROUND_REPORTS 1000

/* What has been reported of one process, or (process 0) of a module, in this generation. */
struct embargo_round_told {
	uint64_t process;
	uint64_t started; /* clock ticks since the boot */
	uint64_t device;
	uint64_t inode;
	uint64_t reason;
};

struct embargo_round {
	struct embargo_enacted_id id;
	int64_t at; /* ns since 1970: waits for it where it lies ahead; INT64_MIN: now */
	const struct embargo_round_told *told; /* is not told again */
	size_t told_count;
};

struct embargo_round_callbacks {
	/* A line for people; @priority as in syslog.h. */
	void (*say)(void *context, int priority, const char *text);
	void (*told)(void *context, const struct embargo_round_told *told);
	/* All has been looked at; what is left to do is to wait for the end of processes. */
	void (*looked)(void *context);
};

/*
 * Looks at all processes and modules, beforehand too where @round lies ahead, so that little is
 * left to read when it comes. Errors: -ESTALE where another generation came meanwhile, or those of
 * reading what is in force.
 */
int embargo_round_run(const struct embargo_round *round,
		      const struct embargo_round_callbacks *callbacks, void *context);

#endif
