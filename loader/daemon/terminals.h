/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling the persons at the terminals, and once more where a terminal was busy. */
#ifndef EMBARGO_DAEMON_TERMINALS_H
#define EMBARGO_DAEMON_TERMINALS_H

#include <systemd/sd-event.h>

#include "loader/event/event.h"

struct embargo_terminals;

/* Tries again by timers of @event, which it takes a reference of. Returns 0 or -errno. */
int embargo_terminals_create(sd_event *event, struct embargo_terminals **terminals);
void embargo_terminals_free(struct embargo_terminals *terminals); /* NULL: nothing */

/*
 * Tells whom @event concerns. Waits for nobody: a line for a terminal that takes none in this
 * moment is kept and tried again for five seconds, with pauses that grow; then, or where eight
 * others wait already, it is left to the journal.
 */
void embargo_terminals_tell(struct embargo_terminals *terminals, const struct embargo_event *event);

#endif
