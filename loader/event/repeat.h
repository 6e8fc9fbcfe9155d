/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repetitions, which the kernel half only counts: told as the event that they repeat. */
#ifndef EMBARGO_EVENT_REPEAT_H
#define EMBARGO_EVENT_REPEAT_H

#include "loader/event/event.h"

/* Events remembered; of one that is forgotten by then, path and process are not told again. */
#define EMBARGO_REPEAT_CACHE 256

struct embargo_repeat_cache {
	unsigned int next;
	struct embargo_event *known[EMBARGO_REPEAT_CACHE];
};

void embargo_repeat_remember(struct embargo_repeat_cache *cache, const struct embargo_event *event);
void embargo_repeat_forget(struct embargo_repeat_cache *cache);

/*
 * Makes @event (of embargo_event_new()) the event that @key repeats, standing for @count more of
 * them, told at @now (ns since 1970). @reason is NULL where this process may not look it up, and
 * @waiver also where there was none. It names no terminal: its person was told once.
 */
void embargo_repeat_tell(const struct embargo_repeat_cache *cache,
			 const struct embargo_recent_key *key, const struct embargo_reason *reason,
			 const struct embargo_permit *waiver, uint64_t count, int64_t now,
			 struct embargo_event *event);

#endif
