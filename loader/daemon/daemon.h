/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon: puts the policies in force, then reports. No verdict ever waits for it. */
#ifndef EMBARGO_DAEMON_DAEMON_H
#define EMBARGO_DAEMON_DAEMON_H

#include <stdbool.h>

#include "loader/policy/policy.h"

struct embargo_daemon_options {
	struct embargo_policy_request request;
	bool unload_on_exit; /* take enforcement away when the daemon ends, however it ends */
};

/* How it ended: exit codes of the program, in embargo.service too. */
enum embargo_daemon_end {
	EMBARGO_DAEMON_STOPPED = 0, /* when asked to */
	EMBARGO_DAEMON_BEREFT = 1,  /* somebody took enforcement away */
	EMBARGO_DAEMON_FAILED = 2,  /* it could not start, or not go on */
};

/* Runs until it is told to stop; says on its way out why it ends. */
enum embargo_daemon_end embargo_daemon_run(const struct embargo_daemon_options *options);

#endif
