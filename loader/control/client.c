// SPDX-License-Identifier: GPL-2.0-or-later
/* The client: connects, asks, waits; comes back while there is no room. */
#include "loader/control/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/socket.h"
#include "loader/control/exchange.h"

/* Longer than any request may take, and its answer. */
#define WAIT_MS ((EMBARGO_CONTROL_WORK_SECONDS + 30) * INT64_C(1000))

static void pause_briefly(void)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	nanosleep(&pause, NULL);
}

static int connect_until(const char *path, int64_t until, int *fd)
{
	int error;

	while ((error = embargo_socket_connect(path, fd)) == -EAGAIN &&
	       embargo_control_deadline(0) < until)
		pause_briefly();
	if (error)
		return error;
	return embargo_socket_peer(*fd) ? 0 : -EPERM;
}

static int say(int socket, const struct embargo_control_request *request, int file)
{
	uint8_t bytes[EMBARGO_CONTROL_REQUEST_SIZE];
	union {
		char buffer[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	embargo_control_request_write(request, bytes);
	memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
	if (file >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	/* Who was sent away has an answer to read all the same. */
	if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
		return -errno;
	return 0;
}

/* A reset comes first, and then what was sent before it. */
static ssize_t receive(int socket, void *bytes, size_t size, bool *was_reset)
{
	ssize_t got = recv(socket, bytes, size, MSG_DONTWAIT);

	if (got < 0 && errno == ECONNRESET && !*was_reset) {
		*was_reset = true;
		got = recv(socket, bytes, size, MSG_DONTWAIT);
	}
	if (got > 0)
		return got;
	return !got || errno == ECONNRESET ? -EPIPE : errno == EAGAIN ? 0 : -errno;
}

static int hear(int socket, int64_t until, struct embargo_control_answer *answer)
{
	uint8_t packet[EMBARGO_CONTROL_PACKET];
	bool was_reset = false;
	ssize_t got;
	int error;

	for (;;) {
		error = embargo_control_wait(socket, POLLIN, until);
		if (error)
			return error;
		got = receive(socket, packet, sizeof(packet), &was_reset);
		if (got < 0)
			return (int)got;
		error = got ? embargo_control_answer_take(answer, packet, (size_t)got) : 0;
		if (error)
			return error < 0 ? error : 0;
	}
}

static int ask_once(const char *path, const struct embargo_control_request *request, int file,
		    int64_t until, struct embargo_control_answer *answer)
{
	_cleanup_close_ int socket = -1;
	int error = connect_until(path, until, &socket);

	if (!error)
		error = say(socket, request, file);
	return error ? error : hear(socket, until, answer);
}

int embargo_control_ask(const char *path, const struct embargo_control_request *request, int file,
			struct embargo_control_answer *answer)
{
	int64_t until = embargo_control_deadline(WAIT_MS);

	for (;;) {
		struct embargo_control_answer got = { .document = NULL };
		int error = ask_once(path, request, file, until, &got);

		if (!error && got.error != -EUSERS) {
			*answer = got;
			return 0;
		}
		embargo_control_answer_free(&got);
		if (error)
			return error;
		if (embargo_control_deadline(0) >= until)
			return -ETIMEDOUT;
		pause_briefly();
	}
}
