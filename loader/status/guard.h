/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the guard stands, as `embargo guard status` and `embargo status` show it. */
#ifndef EMBARGO_STATUS_GUARD_H
#define EMBARGO_STATUS_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "loader/json/json.h"
#include "loader/kernel/guard.h"

bool embargo_guard_is_closed(const struct embargo_guard_view *view);

/* When it closes again, where it is open: ns since 1970, by the clock as it is set now. */
int64_t embargo_guard_closes_at(const struct embargo_guard_view *view);

/* A line on how it stands, which begins with @label, and one indented by @indent for each kind of
 * refusal. */
void embargo_guard_print(const struct embargo_guard_view *view, const char *label, int indent,
			 FILE *out);

/* {"mode": TEXT, "open_until": TIME, "ticket": TEXT, "refused": {...}}, or NULL where there is no
 * memory. */
json_t *embargo_guard_to_json(const struct embargo_guard_view *view);

#endif
