/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dates of policies as iCalendar (RFC 5545), for people's own calendars. */
#ifndef EMBARGO_RENDER_CALENDAR_H
#define EMBARGO_RENDER_CALENDAR_H

#include <stdio.h>

#include "loader/policy/policy.h"

#define EMBARGO_CALENDAR_LINE 75 /* octets of a line without its break: RFC 5545, 3.1 */

/*
 * Writes an event for each stage that rules of @set come to after @now, or ever where @past, for
 * each end of a waiver and for each expiry; by the set's profile, or by all where it has none. The
 * same policies give the same bytes: an event is stamped with its policy's `issued`, and keeps its
 * UID from version to version. Errors: -ENOMEM.
 */
int embargo_calendar_write(FILE *out, const struct embargo_policy_set *set, int64_t now, bool past);

#endif
