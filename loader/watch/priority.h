/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that can wait: behind everything else that wants the processor or the disk. */
#ifndef EMBARGO_WATCH_PRIORITY_H
#define EMBARGO_WATCH_PRIORITY_H

/*
 * Lowers the calling thread and what it starts from now on: nice 19, SCHED_IDLE, and the idle class
 * of I/O. None of it needs a privilege, and it cannot be taken back without one. Does all that it
 * can; returns 0, or -errno of the first that failed.
 */
int embargo_priority_lower(void);

#endif
