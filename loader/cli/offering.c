// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs' end of the socket on which the watch takes files. */
#include "loader/cli/offering.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/descriptor.h"
#include "loader/base/socket.h"
#include "loader/watch/offered.h"

/* How often a full watch is asked again. */
#define STEP_MS 10

static int connect_to(const char *path, int *fd)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	int error = embargo_socket_connect(path, fd);

	for (int waited = 0; error == -EAGAIN && waited < EMBARGO_OFFERING_MS; waited += STEP_MS) {
		nanosleep(&step, NULL);
		error = embargo_socket_connect(path, fd);
	}
	return error;
}

static int send_file(int socket, int fd)
{
	int error = embargo_descriptor_send(socket, MSG_DONTWAIT, EMBARGO_OFFERED_FILE, &fd, 1);
	struct pollfd writable = { .fd = socket, .events = POLLOUT };

	if (error != -EAGAIN || poll(&writable, 1, EMBARGO_OFFERING_MS) <= 0)
		return error;
	return embargo_descriptor_send(socket, MSG_DONTWAIT, EMBARGO_OFFERED_FILE, &fd, 1);
}

void embargo_offering_send(struct embargo_offering *offering, int fd)
{
	if (offering->is_over)
		return;
	if (offering->socket < 0 &&
	    (geteuid() || connect_to(EMBARGO_OFFERED_SOCKET, &offering->socket))) {
		offering->is_over = true;
		return;
	}
	if (send_file(offering->socket, fd)) {
		embargo_offering_stop(offering);
		offering->is_over = true;
	}
}

void embargo_offering_stop(struct embargo_offering *offering)
{
	if (offering->socket >= 0)
		close(offering->socket);
	*offering = (struct embargo_offering) { .socket = -1 };
}
