/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the watch, for its own files: the loop, where files come from, who calls on it. */
#ifndef EMBARGO_WATCH_PARTS_H
#define EMBARGO_WATCH_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "loader/base/speaker.h"
#include "loader/watch/asked.h"
#include "loader/watch/examiner.h"
#include "loader/watch/inventory.h"
#include "loader/watch/notices.h"
#include "loader/watch/offered.h"
#include "loader/watch/ring.h"
#include "loader/watch/sighted.h"

#define EMBARGO_WATCH_TICK_US 1000000

struct embargo_watch {
	struct embargo_speaker speaker;
	struct embargo_examiner *examiner;
	struct embargo_owners *owners;
	struct embargo_inventory *inventory;
	struct embargo_asked *asked;	 /* NULL: the gate cannot be served */
	struct embargo_offered *offered; /* NULL: verbs cannot hand files over */
	struct embargo_sighted *sighted;
	struct embargo_ring *ring;	 /* of the generation that the learner follows */
	struct embargo_notices *notices; /* NULL: this kernel gives none */
	sd_event *event;
	sd_event_source *tick;
	sd_event_source *work; /* the next step of the inventory */
	unsigned int ticks;
	bool is_behind;	   /* notices were lost */
	bool is_anew;	   /* other rules are in force, and the next tick takes them up */
	int broken;	   /* what a write to the state of late came to: -EIO, -EROFS, or 0 */
	bool is_unkept;	   /* told that what is learned cannot be written */
	bool is_unindexed; /* told that there is no index */
	uint64_t failures_told;
	uint64_t followed_us;
};

/* Other rules are in force: all is taken up anew, as soon as what is being done is done. @context
 * is the watch. */
void embargo_watch_take_up(void *context);

/* watch/sources.c: opens the inventory's work in the loop. Returns 0 or -errno. */
int embargo_watch_open_work(struct embargo_watch *watch);

/* Hears of files from all that tells of them, and of the packages' own; each tick. @is_new: other
 * rules are in force. Returns 0 or -errno. */
int embargo_watch_hear(struct embargo_watch *watch, bool is_new);

/* watch/callers.c: lets the gate ask and verbs hand files over; what cannot be is told. */
void embargo_watch_open_callers(struct embargo_watch *watch);

/* Tells the gate whether it is needed; @changed: other rules are in force. */
void embargo_watch_tell_gate(struct embargo_watch *watch, bool changed);

/* Somebody's execution is held: a thousand files that were just unpacked, a large one that is being
 * looked into do not go before it. @context is the watch. */
void embargo_watch_serve_gate(void *context);

/* Microseconds since the boot. */
static inline uint64_t embargo_watch_now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

#endif
