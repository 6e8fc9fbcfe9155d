// SPDX-License-Identifier: GPL-2.0-or-later
/* The watch's end of the gate's socket. */
#include "loader/watch/asked.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/socket.h"

/* Two sources at most: who listens, and the gate. */
#define SOURCES 2

/* There is one gate; its successor may come before it has gone. */
#define BACKLOG 4

struct embargo_asked {
	const struct embargo_asked_callbacks *callbacks;
	void *context;
	int sources; /* epoll(7) of the two below */
	int listener;
	int gate;     /* -1: none is connected */
	bool is_deaf; /* @listener is not among the sources: there was no room for who came */
	bool is_answering[EMBARGO_ASKED_LANES];
	unsigned int connections; /* that there have been: which one a question came by */
	bool is_needed;
};

static int add_source(const struct embargo_asked *asked, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(asked->sources, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void disconnect(struct embargo_asked *asked)
{
	if (asked->gate < 0)
		return;
	/* A child that has not closed it yet would keep it among them. */
	epoll_ctl(asked->sources, EPOLL_CTL_DEL, asked->gate, NULL);
	close(asked->gate);
	asked->gate = -1;
}

/* A gate that takes no answers is none: it finds back by itself. */
static void say(struct embargo_asked *asked, char byte)
{
	if (asked->gate >= 0 &&
	    send(asked->gate, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(byte))
		disconnect(asked);
}

static void say_state(struct embargo_asked *asked)
{
	say(asked, (char)(asked->is_needed ? EMBARGO_ASKED_WATCHES : EMBARGO_ASKED_IDLES));
}

static int look(struct embargo_asked *asked, int fd, enum embargo_asked_lane lane)
{
	char path[PATH_MAX];
	int error = embargo_descriptor_path(fd, path);

	return asked->callbacks->look(asked->context, fd, error ? NULL : path, lane);
}

/* Another gate may have come meanwhile: what the last one asked is nothing to it. And if it asks in
 * a lane where the last one's question is still being looked into, that one cannot be. */
static void answer(struct embargo_asked *asked, int fd, enum embargo_asked_lane lane)
{
	const unsigned int connection = asked->connections;
	bool is_examined = false;

	if (fd >= 0 && !asked->is_answering[lane]) {
		asked->is_answering[lane] = true;
		is_examined = !look(asked, fd, lane);
		asked->is_answering[lane] = false;
	}
	if (connection == asked->connections)
		say(asked, embargo_asked_word_in(lane, is_examined ? EMBARGO_ASKED_EXAMINED
								   : EMBARGO_ASKED_FAILED));
}

static void hear_gate(struct embargo_asked *asked)
{
	_cleanup_close_ int fd = -1;
	char byte = 0;
	int got = embargo_descriptor_receive(asked->gate, MSG_DONTWAIT, &byte, &fd, 1);

	if (got == -EAGAIN)
		return;
	/* Where there was no room for the file, nobody knows either which question to answer: the
	 * gate lets all go, and finds back. */
	if (got < 0) {
		disconnect(asked);
		return;
	}
	answer(asked, fd, embargo_asked_word_lane(byte));
}

/* Who waits where nobody can be taken up would have poll(2) return again and again. */
static void stop_listening(struct embargo_asked *asked)
{
	epoll_ctl(asked->sources, EPOLL_CTL_DEL, asked->listener, NULL);
	asked->is_deaf = true;
}

/* A gate that was started again takes the place of the last one. */
static void take_up(struct embargo_asked *asked)
{
	_cleanup_close_ int socket = embargo_socket_accept(asked->listener);

	if (socket < 0) {
		if (socket != -EAGAIN && socket != -EINTR && socket != -ECONNABORTED)
			stop_listening(asked);
		return;
	}
	if (!embargo_socket_peer(socket))
		return;
	disconnect(asked);
	if (add_source(asked, socket))
		return;
	asked->gate = TAKE_FD(socket);
	asked->connections++;
	say_state(asked);
}

int embargo_asked_fd(const struct embargo_asked *asked)
{
	return asked->sources;
}

/* The gate first: who connects behind it takes its place. */
void embargo_asked_serve(struct embargo_asked *asked)
{
	struct epoll_event events[SOURCES];
	bool is_somebody_there = false;
	int count;

	if (asked->is_answering[EMBARGO_ASKED_SMALL])
		return;
	count = epoll_wait(asked->sources, events, SOURCES, 0);
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == asked->listener)
			is_somebody_there = true;
		else
			hear_gate(asked);
	}
	if (is_somebody_there)
		take_up(asked);
}

int embargo_asked_open(const struct embargo_asked_callbacks *callbacks, void *context,
		       struct embargo_asked **asked)
{
	struct embargo_asked *made = calloc(1, sizeof(*made));
	int error = 0;

	if (!made)
		return -ENOMEM;
	*made = (struct embargo_asked) {
		.callbacks = callbacks,
		.context = context,
		.sources = epoll_create1(EPOLL_CLOEXEC),
		.listener = -1,
		.gate = -1,
	};
	if (made->sources < 0)
		error = -errno;
	/* A process group that nobody can join; EPERM: it leads one already. */
	if (!error && setsid() < 0 && errno != EPERM)
		error = -errno;
	if (!error)
		error = embargo_socket_listen(EMBARGO_ASKED_SOCKET, BACKLOG, &made->listener);
	if (!error)
		error = add_source(made, made->listener);
	if (error) {
		embargo_asked_close(made);
		return error;
	}
	*asked = made;
	return 0;
}

void embargo_asked_close(struct embargo_asked *asked)
{
	if (!asked)
		return;
	disconnect(asked);
	if (asked->listener >= 0)
		close(asked->listener);
	if (asked->sources >= 0)
		close(asked->sources);
	free(asked);
}

void embargo_asked_tell(struct embargo_asked *asked, bool is_needed, bool changed)
{
	if (asked->is_deaf && !add_source(asked, asked->listener))
		asked->is_deaf = false;
	if (is_needed == asked->is_needed && !changed)
		return;
	asked->is_needed = is_needed;
	say_state(asked);
}
