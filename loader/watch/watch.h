/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch: sees to it that whatever comes onto the host is examined. A process of its own. */
#ifndef EMBARGO_WATCH_WATCH_H
#define EMBARGO_WATCH_WATCH_H

#include "loader/base/paths.h"
#include "loader/watch/examiner.h"

/* What it does is told to @say, as a line for people; @priority as in syslog.h. */
struct embargo_watch_callbacks {
	void (*say)(void *context, int priority, const char *text);
};

/*
 * Runs until SIGTERM or SIGINT, or until nothing is in force any more. Whatever rules are put in
 * force meanwhile, it goes by them. Needs CAP_SYS_ADMIN (fanotify), CAP_DAC_READ_SEARCH,
 * CAP_SYS_PTRACE (other mount namespaces), CAP_LEASE. Returns 0 or -errno.
 */
int embargo_watch_run(const struct embargo_watch_callbacks *callbacks, void *context);

#endif
