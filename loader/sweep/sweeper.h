/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sweeper: knows when a sweep is due, and has each done by a process of its own. */
#ifndef EMBARGO_SWEEP_SWEEPER_H
#define EMBARGO_SWEEP_SWEEPER_H

/* So long before a date the files of what runs are read already. */
#define EMBARGO_SWEEPER_AHEAD_S 60

/* A sweep that has not looked at everything by then hangs on some file, and is ended. */
#define EMBARGO_SWEEPER_LOOK_S 120

/* What it does is told to @say, as a line for people; @priority as in syslog.h. */
struct embargo_sweeper_callbacks {
	void (*say)(void *context, int priority, const char *text);
};

/*
 * Sweeps what runs now, and again when a stage that denies begins, after each reload, and when
 * digests have been learned; until it is ended by a signal. A sweep hangs nobody but itself, and
 * the tables that it reads go with it. Needs CAP_SYS_ADMIN (maps, map_files), CAP_SYS_PTRACE,
 * CAP_DAC_READ_SEARCH and CAP_KILL. Returns -errno where it cannot begin.
 */
int embargo_sweeper_run(const struct embargo_sweeper_callbacks *callbacks, void *context);

#endif
