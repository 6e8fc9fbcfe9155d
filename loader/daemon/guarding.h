/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling what the guard refused, and that it was opened. */
#ifndef EMBARGO_DAEMON_GUARDING_H
#define EMBARGO_DAEMON_GUARDING_H

#include <stdint.h>

#include "bpf/guard_abi.h"
#include "loader/daemon/reporter.h"

/* What was told; all zero to begin with. */
struct embargo_guarding {
	uint64_t refused[EMBARGO_GUARD_REFUSED_COUNT];
	uint64_t open_until;
};

/* Looks at the guard and tells what is new. */
void embargo_guarding_tell(struct embargo_guarding *guarding, struct embargo_reporter *reporter);

#endif
