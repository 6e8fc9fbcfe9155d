/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that an administrator's verbs hand to the watch: what they have met, it examines. */
#ifndef EMBARGO_WATCH_OFFERED_H
#define EMBARGO_WATCH_OFFERED_H

#include "loader/base/paths.h"

/*
 * A SOCK_SEQPACKET socket, for root alone. Who connects sends as many messages as it likes, each of
 * this byte with a descriptor open for reading; nothing is ever answered. What is not taken yet
 * waits in the socket: its buffer, some 200 messages, and these connections are the bound.
 */
#define EMBARGO_OFFERED_FILE	    'o'
#define EMBARGO_OFFERED_CONNECTIONS 8

struct sd_event;
struct embargo_offered;

struct embargo_offered_callbacks {
	/* Examine the file @fd, of @path (or NULL); nothing is known of it. @fd stays the caller's.
	 */
	void (*look)(void *context, int fd, const char *path);
};

/* Listens. @callbacks and @context outlive it. Returns 0 or -errno. */
int embargo_offered_open(struct sd_event *event, const struct embargo_offered_callbacks *callbacks,
			 void *context, struct embargo_offered **offered);
void embargo_offered_close(struct embargo_offered *offered);

#endif
