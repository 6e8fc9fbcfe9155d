/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog: starts the gate when it is wanted, ends it when it does not live. */
#ifndef EMBARGO_GATE_WATCHDOG_H
#define EMBARGO_GATE_WATCHDOG_H

/*
 * Runs until SIGTERM or SIGINT; @settings is the file of the host's settings (NULL: the default
 * one), which is looked at again whenever it has changed. Needs CAP_SYS_ADMIN (fanotify),
 * CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE (other mount namespaces), CAP_SYS_NICE. Returns 0 or
 * -errno; -EAGAIN: another runs.
 */
int embargo_watchdog_run(const char *settings);

#endif
