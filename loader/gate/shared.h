/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate and its watchdog know of each other: a page of memory and a socket. */
#ifndef EMBARGO_GATE_SHARED_H
#define EMBARGO_GATE_SHARED_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/gate/queue.h"
#include "loader/gate/report.h"

/* The gate shows that it lives at least as often. */
#define EMBARGO_GATE_BEAT_MS 500

/* The watchdog's time: beats that a gate may leave out, each of which the watchdog was awake for.
 * So the time of a suspended host counts for neither. */
#define EMBARGO_GATE_BEATS (EMBARGO_QUEUE_HUNG_MS / EMBARGO_GATE_BEAT_MS)

/*
 * And where the watchdog itself is stopped, frozen with the gate or hung, the kernel ends the gate:
 * a timer whose signal is SIGKILL, set anew with each beat.
 */
#define EMBARGO_GATE_DEADLINE_S 7

struct embargo_gate_shared {
	_Atomic uint64_t beat_ms; /* monotonic, of the gate's last turn */
	_Atomic uint64_t counts[EMBARGO_GATE_COUNT_COUNT];
	_Atomic int state;    /* enum embargo_gate_state, as the gate sees it */
	_Atomic pid_t daemon; /* whose executions are let go; 0: none */
};

/*
 * Over the socket the gate asks with one byte for the roots of the file systems to mark. The
 * watchdog, which looks for them, sends one byte with each, and one without a root when there are
 * no more.
 */
#define EMBARGO_GATE_ROOTS 'r'

/*
 * The gate itself, in a process of its own, until @watchdog closes its end or something fails:
 * then it returns, and whoever waits is let go as its process ends. @wait_ms: for one execution.
 */
void embargo_gate_run(struct embargo_gate_shared *shared, int watchdog, uint64_t wait_ms);

#endif
