/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection from its request to its answer. */
#ifndef EMBARGO_CONTROL_EXCHANGE_H
#define EMBARGO_CONTROL_EXCHANGE_H

#include "loader/control/answer.h"
#include "loader/control/server.h"

/* Sends @bytes as a packet, waiting until @until (ms of the monotonic clock) at most. Errors:
 * -ETIMEDOUT, or as send(2). */
int embargo_control_send(int socket, const void *bytes, size_t size, int64_t until);

/* Milliseconds of the monotonic clock, @later from now. */
int64_t embargo_control_deadline(int64_t later);

/* Waits until @socket is ready for @events (poll(2)) or @until is there. Returns 0, -ETIMEDOUT or
 * -errno. */
int embargo_control_wait(int socket, short events, int64_t until);

/* Hears one request of @peer, has it done and answers. Waits for the peer no longer than patience
 * lasts. */
void embargo_control_exchange(int socket, const struct embargo_control_peer *peer,
			      const embargo_control_handler handlers[static EMBARGO_CONTROL_VERBS]);

#endif
