/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The executions that the gate holds: which are asked about next, and how long each may wait. Knows
 * no clock and no kernel. */
#ifndef EMBARGO_GATE_QUEUE_H
#define EMBARGO_GATE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "loader/watch/asked.h"

/* Each has a descriptor and a task that waits. What comes on top of as many is let go at once. */
#define EMBARGO_QUEUE_MAX 1024

/* A question that has been open for as long says that nobody answers: the watchdog's time. */
#define EMBARGO_QUEUE_HUNG_MS 5000

/* Bytes of a file that a slow disk and a slow processor are done with in half a second. */
#define EMBARGO_QUEUE_SMALL (8u << 20)

/* A file as it was when somebody wanted to run it. */
struct embargo_held_file {
	uint64_t device, inode, size;
	struct timespec changed;
};

struct embargo_held {
	int fd;
	bool is_asked;	   /* the open question of its lane speaks for it */
	uint64_t since_ms; /* monotonic */
	struct embargo_held_file file;
};

struct embargo_question {
	bool is_open;
	uint64_t asked_ms;
};

struct embargo_queue {
	struct embargo_held entries[EMBARGO_QUEUE_MAX]; /* in the order of their arrival */
	size_t count;
	struct embargo_question questions[EMBARGO_ASKED_LANES]; /* one of each lane */
};

void embargo_held_file_read(const struct stat *status, struct embargo_held_file *file);
bool embargo_held_file_is(const struct embargo_held_file *a, const struct embargo_held_file *b);

enum embargo_asked_lane embargo_held_file_lane(const struct embargo_held_file *file);

/* Errors: -ENOSPC. */
int embargo_queue_add(struct embargo_queue *queue, int fd, const struct embargo_held_file *file,
		      uint64_t now_ms);

/*
 * Which to ask about now: the one of @lane that has waited longest. A question speaks for all that
 * want to run the same file by then; who comes later may meet other bytes than were examined.
 * Returns its descriptor, which stays the queue's, or -EAGAIN.
 */
int embargo_queue_ask(struct embargo_queue *queue, enum embargo_asked_lane lane, uint64_t now_ms);

/* Each entry that is taken out is handed to this; its descriptor is the receiver's. */
typedef void embargo_queue_release(void *context, const struct embargo_held *held);

/* The question of @lane is answered. */
void embargo_queue_answer(struct embargo_queue *queue, enum embargo_asked_lane lane,
			  embargo_queue_release *release, void *context);

/* Those that have waited for @wait_ms. An open question stays open: its answer will come, or not.
 */
void embargo_queue_expire(struct embargo_queue *queue, uint64_t wait_ms, uint64_t now_ms,
			  embargo_queue_release *release, void *context);

/* The one that has waited longest; false where there is none. */
bool embargo_queue_drop(struct embargo_queue *queue, embargo_queue_release *release, void *context);

/* All, and no question is open any more. */
void embargo_queue_empty(struct embargo_queue *queue, embargo_queue_release *release,
			 void *context);

/* Has nobody answered the question of @lane, or of the small files, for EMBARGO_QUEUE_HUNG_MS? */
bool embargo_queue_is_hung(const struct embargo_queue *queue, enum embargo_asked_lane lane,
			   uint64_t now_ms);

/* Milliseconds until something expires, at most @most_ms. */
int embargo_queue_rest(const struct embargo_queue *queue, uint64_t wait_ms, uint64_t now_ms,
		       int most_ms);

#endif
