/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate asks and the watch answers: a socket between two processes of root's. */
#ifndef EMBARGO_WATCH_ASKED_H
#define EMBARGO_WATCH_ASKED_H

#include <stdbool.h>

#include "loader/base/paths.h"

/*
 * Two questions may be open at a time, one in each lane: to look into a large file takes as long as
 * to read it, and a small one, which takes milliseconds, does not wait for that.
 */
enum embargo_asked_lane {
	EMBARGO_ASKED_SMALL,
	EMBARGO_ASKED_LARGE,
	EMBARGO_ASKED_LANES,
};

/*
 * A SOCK_SEQPACKET socket. The gate sends one byte with one descriptor, a file that somebody wants
 * to run, and sends no other in that lane before it has the answer. The watch sends one byte at a
 * time. The first three are capitals in the lane of large files.
 */
enum embargo_asked_word {
	EMBARGO_ASKED_QUESTION = 'q', /* to the watch, with the descriptor */
	EMBARGO_ASKED_EXAMINED = 'e', /* the file; what is to be refused of it is, by now */
	EMBARGO_ASKED_FAILED = 'f',   /* it could not be, and nobody knows what it is */
	/* When somebody connects, and whenever other rules are in force. What was examined before
	 * has to be examined again. */
	EMBARGO_ASKED_WATCHES = 'w', /* rules look into files */
	EMBARGO_ASKED_IDLES = 'i',   /* none does: nothing need be held */
};

static inline char embargo_asked_word_in(enum embargo_asked_lane lane, enum embargo_asked_word word)
{
	return (char)(lane == EMBARGO_ASKED_LARGE ? word - 'a' + 'A' : word);
}

static inline enum embargo_asked_lane embargo_asked_word_lane(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? EMBARGO_ASKED_LARGE : EMBARGO_ASKED_SMALL;
}

struct embargo_asked;

struct embargo_asked_callbacks {
	/*
	 * Somebody wants to run the file @fd, of @path (or NULL): examine it. @fd stays the
	 * caller's. Returns 0 where it was examined, or -errno. In the midst of a large file it may
	 * be called for a small one, where it calls embargo_asked_serve().
	 */
	int (*look)(void *context, int fd, const char *path, enum embargo_asked_lane lane);
};

/*
 * Listens. Makes the calling process the leader of a session: its process group is how the gate
 * tells what the watch itself runs, which is never held. @callbacks and @context outlive it.
 * Returns 0 or -errno.
 */
int embargo_asked_open(const struct embargo_asked_callbacks *callbacks, void *context,
		       struct embargo_asked **asked);
void embargo_asked_close(struct embargo_asked *asked);

/* Readable (poll(2)) whenever embargo_asked_serve() has something to do. */
int embargo_asked_fd(const struct embargo_asked *asked);

/*
 * Takes up a gate that connects, answers a question that waits; never waits itself. Whatever the
 * watch is at, it calls this in between: somebody's execution is held. Does nothing in the midst of
 * the question of a small file.
 */
void embargo_asked_serve(struct embargo_asked *asked);

/* Whether any rule looks into files, and whether other rules are in force since the last time; to
 * be called every second or so, and at once when rules change. */
void embargo_asked_tell(struct embargo_asked *asked, bool is_needed, bool changed);

#endif
