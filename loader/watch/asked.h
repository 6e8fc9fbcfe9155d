/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate asks and the watch answers: a socket between two processes of root's. */
#ifndef EMBARGO_WATCH_ASKED_H
#define EMBARGO_WATCH_ASKED_H

#include <stdbool.h>

#include "loader/base/paths.h"

/*
 * A SOCK_SEQPACKET socket. The gate sends one byte with one descriptor, a file that somebody wants
 * to run, and sends no other before it has the answer. The watch sends one byte at a time:
 */
#define EMBARGO_ASKED_QUESTION 'q' /* to the watch, with the descriptor */

enum embargo_asked_word {
	EMBARGO_ASKED_EXAMINED = 'e', /* the file; what is to be refused of it is, by now */
	EMBARGO_ASKED_FAILED = 'f',   /* the file did not arrive */
	/* When somebody connects, and whenever other rules are in force. What was examined before
	 * has to be examined again. */
	EMBARGO_ASKED_WATCHES = 'w', /* rules look into files */
	EMBARGO_ASKED_IDLES = 'i',   /* none does: nothing need be held */
};

struct sd_event;
struct embargo_asked;

struct embargo_asked_callbacks {
	/* Somebody wants to run the file @fd, of @path: examine it. @fd stays the caller's. */
	void (*look)(void *context, int fd, const char *path);
};

/*
 * Listens, before other work of @event. Makes the calling process the leader of a session:
 * its process group is how the gate tells what the watch itself runs, which is never held.
 * @callbacks and
 * @context outlive it. Returns 0 or -errno.
 */
int embargo_asked_open(struct sd_event *event, const struct embargo_asked_callbacks *callbacks,
		       void *context, struct embargo_asked **asked);
void embargo_asked_close(struct embargo_asked *asked);

/*
 * Answers a question that waits, if one does: for whoever has many files to look into before the
 * loop of events goes on.
 */
void embargo_asked_serve(struct embargo_asked *asked);

/* Whether any rule looks into files, and whether other rules are in force since the last time; to
 * be called every second or so, and at once when rules change. */
void embargo_asked_tell(struct embargo_asked *asked, bool is_needed, bool changed);

#endif
