/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's loop: the ring, the clock, and what is due by and by. */
#ifndef EMBARGO_DAEMON_LOOP_H
#define EMBARGO_DAEMON_LOOP_H

#include "loader/base/diagnostic.h"
#include "loader/daemon/reporter.h"

struct embargo_loop;

/* From here on the signals that the loop takes wait for it. Returns 0 or -errno. */
int embargo_loop_hold_signals(void);

/*
 * Opens what enforces and sets everything up that needs a privilege or may fail. The signals are
 * held by now. @reporter stays the caller's and outlives the loop; with @to_terminal the refused
 * are told at their terminals, too. Errors: -errno, told in @diagnostic.
 */
int embargo_loop_create(struct embargo_reporter *reporter, bool to_terminal,
			struct embargo_loop **loop, struct embargo_diagnostic *diagnostic);
void embargo_loop_free(struct embargo_loop *loop);

/* Runs until a signal says stop (0), enforcement has gone (1), or something fails (-errno). Then
 * tells what is left, and keeps the clock's floor. */
int embargo_loop_run(struct embargo_loop *loop);

#endif
