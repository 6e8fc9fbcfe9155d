// SPDX-License-Identifier: GPL-2.0-or-later
/* The watch's end of the gate's socket. */
#include "loader/watch/asked.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-event.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"

struct embargo_asked {
	const struct embargo_asked_callbacks *callbacks;
	void *context;
	sd_event *event;
	sd_event_source *listening;
	sd_event_source *connected; /* NULL: no gate */
	int listener;
	int gate;
	bool is_needed;
};

static void disconnect(struct embargo_asked *asked)
{
	asked->connected = sd_event_source_disable_unref(asked->connected);
	if (asked->gate >= 0)
		close(asked->gate);
	asked->gate = -1;
}

/* A gate that takes no answers is none: it finds back by itself. */
static void say(struct embargo_asked *asked, enum embargo_asked_word word)
{
	const char byte = (char)word;

	if (asked->gate >= 0 &&
	    send(asked->gate, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(byte))
		disconnect(asked);
}

static void say_state(struct embargo_asked *asked)
{
	say(asked, asked->is_needed ? EMBARGO_ASKED_WATCHES : EMBARGO_ASKED_IDLES);
}

static void look(struct embargo_asked *asked, int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = '\0';
	asked->callbacks->look(asked->context, fd, length < 0 ? NULL : path);
}

void embargo_asked_serve(struct embargo_asked *asked)
{
	_cleanup_close_ int fd = -1;
	char byte;
	int got;

	if (asked->gate < 0)
		return;
	got = embargo_descriptor_receive(asked->gate, MSG_DONTWAIT, &byte, &fd, 1);
	if (got == -EAGAIN)
		return;
	/* Where there was no room for the file, the gate is still there. */
	if (got < 0 && got != -EBADMSG) {
		disconnect(asked);
		return;
	}
	if (fd >= 0)
		look(asked, fd);
	say(asked, fd >= 0 ? EMBARGO_ASKED_EXAMINED : EMBARGO_ASKED_FAILED);
}

static int on_question(sd_event_source *source, int socket, uint32_t events, void *context)
{
	(void)source;
	(void)socket;
	(void)events;
	embargo_asked_serve(context);
	return 0;
}

static bool is_root(int socket)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	return !getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) &&
	       !credentials.uid;
}

/* A gate that was started again takes the place of the last one. */
static int on_connection(sd_event_source *source, int listener, uint32_t events, void *context)
{
	struct embargo_asked *asked = context;
	_cleanup_close_ int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (socket < 0) {
		/* Out of descriptors: the one that waits there would wake us again and again. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return 0;
	}
	if (!is_root(socket))
		return 0;
	disconnect(asked);
	if (sd_event_add_io(asked->event, &asked->connected, socket, EPOLLIN, on_question, asked) <
	    0)
		return 0;
	asked->gate = TAKE_FD(socket);
	sd_event_source_set_priority(asked->connected, SD_EVENT_PRIORITY_IMPORTANT);
	say_state(asked);
	return 0;
}

static int listen_at(const char *path, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int socket_fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (socket_fd < 0)
		return -errno;
	strcpy(address.sun_path, path);
	/* What an earlier watch left; only root may write to the folder. */
	if (unlink(path) && errno != ENOENT)
		return -errno;
	/* Nobody can connect before it listens, which is after its mode is set. */
	if (bind(socket_fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0600) ||
	    listen(socket_fd, 4))
		return -errno;
	*fd = TAKE_FD(socket_fd);
	return 0;
}

int embargo_asked_open(struct sd_event *event, const struct embargo_asked_callbacks *callbacks,
		       void *context, struct embargo_asked **asked)
{
	struct embargo_asked *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	*made = (struct embargo_asked) {
		.callbacks = callbacks,
		.context = context,
		.event = event,
		.listener = -1,
		.gate = -1,
	};
	/* A process group that nobody can join; EPERM: it leads one already. */
	error = setsid() < 0 && errno != EPERM ? -errno : 0;
	if (!error)
		error = listen_at(EMBARGO_ASKED_SOCKET, &made->listener);
	if (!error)
		error = sd_event_add_io(event, &made->listening, made->listener, EPOLLIN,
					on_connection, made);
	if (error < 0) {
		embargo_asked_close(made);
		return error;
	}
	sd_event_source_set_priority(made->listening, SD_EVENT_PRIORITY_IMPORTANT);
	*asked = made;
	return 0;
}

void embargo_asked_close(struct embargo_asked *asked)
{
	if (!asked)
		return;
	disconnect(asked);
	sd_event_source_disable_unref(asked->listening);
	if (asked->listener >= 0)
		close(asked->listener);
	free(asked);
}

void embargo_asked_tell(struct embargo_asked *asked, bool is_needed, bool changed)
{
	sd_event_source_set_enabled(asked->listening, SD_EVENT_ON);
	if (is_needed == asked->is_needed && !changed)
		return;
	asked->is_needed = is_needed;
	say_state(asked);
}
