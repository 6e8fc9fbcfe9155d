/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serving the control socket: each request in a process of its own, none of which waits for long.
 */
#ifndef EMBARGO_CONTROL_SERVER_H
#define EMBARGO_CONTROL_SERVER_H

#include <stddef.h>

#include "loader/base/diagnostic.h"
#include "loader/control/peer.h"
#include "loader/control/request.h"

/*
 * Requests at a time: so many of root's, and so many of all the others. Who comes on top of them is
 * told to come back (-EUSERS), which the client does by itself.
 */
#define EMBARGO_CONTROL_AT_A_TIME 8

/* Who connects and asks nothing, or does not take the answer, is left alone after so long. */
#define EMBARGO_CONTROL_PATIENCE_MS 5000

/* The work itself: a million digests on a slow machine, as TimeoutStartSec= of embargo.service. */
#define EMBARGO_CONTROL_WORK_SECONDS 300

/* A request that was read, from a peer who may ask it. */
struct embargo_control_call {
	struct embargo_control_peer peer;
	uint32_t argument;
	const char *file; /* what came with it, read whole; NULL where nothing does */
	size_t file_size;
};

struct embargo_control_reply {
	char *document; /* freed with free(3); NULL: none */
	size_t size;
	struct embargo_diagnostic diagnostic;
};

/*
 * Does what was asked; runs in a process of its own, which then ends. What it returns (0 or -errno)
 * and @reply, all zero to begin with, is the answer. May first give up what it does not need.
 */
typedef int (*embargo_control_handler)(const struct embargo_control_call *call,
				       struct embargo_control_reply *reply);

/*
 * Serves the listening socket @listener until SIGTERM comes, with the handler of each verb (NULL:
 * it is refused). The caller has SIGCHLD and SIGTERM as a program finds them. Returns 0, or -errno
 * where it cannot go on.
 */
int embargo_control_serve(int listener, gid_t group,
			  const embargo_control_handler handlers[static EMBARGO_CONTROL_VERBS]);

/*
 * Listens at @path: root may connect, and @group where there is one, which then is a group of this
 * process from here on (CAP_SETGID). Errors: as setgroups(2), bind(2), chown(2), listen(2).
 */
int embargo_control_listen(const char *path, gid_t group, int *fd);

#endif
