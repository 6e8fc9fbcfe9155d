/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to the terminal of the person who was refused. */
#ifndef EMBARGO_EVENT_TO_TERMINAL_H
#define EMBARGO_EVENT_TO_TERMINAL_H

#include <stdbool.h>

#include "loader/event/event.h"
#include "loader/event/line.h"

/* Is there a person to tell: a denial, with a terminal, seen from the initial mount namespace? In
 * another namespace the same terminal number may be somebody else's. */
bool embargo_terminal_concerns(const struct embargo_event *event);

/*
 * Writes @line, once and without waiting, to the terminal of number @device, as an event has it
 * (major << 20 | minor); never becomes its owner. Returns 0, -ENXIO where there is no such
 * terminal, or the error of the attempt: -EAGAIN where its reader has stopped it, and as well where
 * another process is writing to it in that moment, as the refused person's shell may be.
 */
int embargo_terminal_tell(__u32 device, const struct embargo_line *line);

#endif
