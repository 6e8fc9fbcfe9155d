// SPDX-License-Identifier: GPL-2.0-or-later
/* The exchange: hear, decode, allow, do, answer. */
#include "loader/control/exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

/* One more than any request has: that there are too many can then be told. */
#define DESCRIPTORS 2

struct heard {
	uint8_t bytes[EMBARGO_CONTROL_REQUEST_SIZE + 1]; /* longer shows */
	size_t size;
	int fds[DESCRIPTORS];
	size_t count;
};

int64_t embargo_control_deadline(int64_t later)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000 + later;
}

int embargo_control_wait(int socket, short events, int64_t until)
{
	struct pollfd ready = { .fd = socket, .events = events };
	int64_t left;
	int got;

	do {
		left = until - embargo_control_deadline(0);
		got = left > 0 ? poll(&ready, 1, (int)left) : 0;
	} while (got < 0 && errno == EINTR);
	return got > 0 ? 0 : got ? -errno : -ETIMEDOUT;
}

int embargo_control_send(int socket, const void *bytes, size_t size, int64_t until)
{
	int error;

	while (send(socket, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		error = embargo_control_wait(socket, POLLOUT, until);
		if (error)
			return error;
	}
	return 0;
}

static void forget(struct heard *heard)
{
	for (size_t i = 0; i < heard->count; i++)
		close(heard->fds[i]);
	heard->count = 0;
}

/* Only descriptors are ever there, as nothing else was asked for. */
static void take_descriptors(struct msghdr *message, struct heard *heard)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header))
		if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
			heard->count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(heard->fds, CMSG_DATA(header), heard->count * sizeof(int));
			return;
		}
}

static int hear(int socket, struct heard *heard)
{
	union {
		char buffer[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = { heard->bytes, sizeof(heard->bytes) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;
	int error = embargo_control_wait(socket, POLLIN,
					 embargo_control_deadline(EMBARGO_CONTROL_PATIENCE_MS));

	if (error)
		return error;
	got = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (got <= 0)
		return got ? -errno : -EPIPE;
	take_descriptors(&message, heard);
	heard->size = (size_t)got;
	return message.msg_flags & MSG_CTRUNC ? -EBADMSG : 0;
}

static int refuse(struct embargo_control_reply *reply, int error, const char *what,
		  const char *remedy)
{
	embargo_diagnostic_remedy(&reply->diagnostic, "%s", remedy);
	return embargo_diagnostic_what(&reply->diagnostic, error, "%s", what);
}

static int refuse_form(struct embargo_control_reply *reply, int error)
{
	if (error == -EPROTONOSUPPORT || error == -EOPNOTSUPP)
		return refuse(reply, error, "the daemon does not know this request",
			      "restart it: another version of the program runs");
	return refuse(reply, error, "what was sent is no request", "use this program's own verbs");
}

static int do_request(const struct embargo_control_peer *peer, const struct heard *heard,
		      const embargo_control_handler *handlers, struct embargo_control_reply *reply)
{
	struct embargo_control_call call = { .peer = *peer };
	struct embargo_control_request request;
	const struct embargo_control_terms *terms;
	_cleanup_free_
	char *file = NULL;
	int error = embargo_control_request_read(heard->bytes, heard->size, heard->count, &request);

	if (error)
		return refuse_form(reply, error);
	terms = &embargo_control_terms[request.verb];
	if (peer->rank != EMBARGO_CONTROL_ROOT &&
	    (terms->is_roots || peer->rank != EMBARGO_CONTROL_READER))
		return refuse(reply, -EPERM, "this user may not ask for it",
			      terms->is_roots
				      ? "ask as root"
				      : "ask as root, or join the group " EMBARGO_CONTROL_GROUP);
	if (!handlers[request.verb])
		return refuse_form(reply, -EOPNOTSUPP);
	if (terms->file_most)
		error = embargo_file_read_all(heard->fds[0], terms->file_most, &file,
					      &call.file_size);
	if (error)
		return refuse(reply, error, embargo_file_error(error), "hand over another file");
	call.file = file;
	call.argument = request.argument;
	return handlers[request.verb](&call, reply);
}

static int answer(int socket, int result, const struct embargo_control_reply *reply)
{
	int64_t until = embargo_control_deadline(EMBARGO_CONTROL_PATIENCE_MS);
	uint8_t packet[EMBARGO_CONTROL_PACKET];
	size_t head = embargo_control_answer_piece(packet), room = sizeof(packet) - head;
	int error = 0;

	for (size_t at = 0; at < reply->size && !error; at += room) {
		size_t size = reply->size - at < room ? reply->size - at : room;

		memcpy(packet + head, reply->document + at, size);
		error = embargo_control_send(socket, packet, head + size, until);
	}
	if (error)
		return error;
	return embargo_control_send(socket, packet,
				    embargo_control_answer_end(result, &reply->diagnostic, packet),
				    until);
}

void embargo_control_exchange(int socket, const struct embargo_control_peer *peer,
			      const embargo_control_handler handlers[static EMBARGO_CONTROL_VERBS])
{
	struct embargo_control_reply reply = { .document = NULL };
	struct heard heard = { .count = 0 };
	int error;

	alarm(EMBARGO_CONTROL_PATIENCE_MS / 1000 + EMBARGO_CONTROL_WORK_SECONDS);
	error = hear(socket, &heard);
	if (!error)
		error = do_request(peer, &heard, handlers, &reply);
	else if (error == -EBADMSG)
		refuse_form(&reply, error);
	if (error != -ETIMEDOUT || reply.diagnostic.what[0])
		answer(socket, error, &reply);
	forget(&heard);
	free(reply.document);
}
