/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service manager is told: that the daemon is ready, that it lives, what it does. */
#ifndef EMBARGO_DAEMON_MANAGER_H
#define EMBARGO_DAEMON_MANAGER_H

/*
 * Sends lines of sd_notify(3)'s form to the service manager that started this process. Never waits:
 * a manager that hangs is not told. Returns 0, also where there is none, or -errno (-EAGAIN:
 * later).
 */
int embargo_manager_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says that this process lives, where the manager wants to hear it; every two seconds is often
 * enough. */
void embargo_manager_tell_alive(void);

#endif
