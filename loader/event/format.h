/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as people read them. */
#ifndef EMBARGO_EVENT_FORMAT_H
#define EMBARGO_EVENT_FORMAT_H

#include "loader/event/event.h"
#include "loader/event/line.h"

/* For the administrator: what was done to whom, by which rule, since when, under which authority.
 */
void embargo_format_report(const struct embargo_event *event, struct embargo_line *line);

/* For the person who was refused: what, which rule, since when, which authority. Starts with
 * "embargo: ", as it appears among other output. */
void embargo_format_notice(const struct embargo_event *event, struct embargo_line *line);

#endif
