/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking whoever serves the control socket. */
#ifndef EMBARGO_CONTROL_CLIENT_H
#define EMBARGO_CONTROL_CLIENT_H

#include "loader/base/paths.h"
#include "loader/control/answer.h"
#include "loader/control/request.h"

/*
 * Asks at @path (EMBARGO_CONTROL_SOCKET), handing over the file @file where the verb wants one,
 * else -1, and waits for the answer, which the caller frees; its error is how the request went.
 * Errors of the asking itself: -ENOENT or -ECONNREFUSED nobody serves, -EACCES this user may not
 * connect, -ETIMEDOUT, -EPIPE who served has gone in the midst of it, -EPERM it is not root's,
 * -EPROTO.
 */
int embargo_control_ask(const char *path, const struct embargo_control_request *request, int file,
			struct embargo_control_answer *answer);

#endif
