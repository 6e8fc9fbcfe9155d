/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to the terminal of the person who was refused. */
#ifndef EMBARGO_EVENT_TO_TERMINAL_H
#define EMBARGO_EVENT_TO_TERMINAL_H

#include <stdbool.h>

#include "loader/event/event.h"

/* Is there a person to tell: a denial, with a terminal, seen from the initial mount namespace? In
 * another namespace the same terminal number may be somebody else's. */
bool embargo_terminal_concerns(const struct embargo_event *event);

/*
 * Writes one line about @event, once and without waiting, to the terminal that it names; never
 * becomes its owner. Returns 0, -ENXIO where there is no such terminal, or the error of the attempt
 * (-EAGAIN: its reader has stopped it); nobody tries again.
 */
int embargo_terminal_tell(const struct embargo_event *event);

#endif
