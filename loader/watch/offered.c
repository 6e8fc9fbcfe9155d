// SPDX-License-Identifier: GPL-2.0-or-later
/* The watch's end of the socket on which verbs hand files over. */
#include "loader/watch/offered.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/socket.h"

/* Who connects and closes again and again does not keep the watch from its work. */
#define CONNECTIONS_A_SECOND 64

struct connection {
	struct embargo_offered *offered;
	sd_event_source *source; /* NULL: free */
	int socket;
};

struct embargo_offered {
	const struct embargo_offered_callbacks *callbacks;
	void *context;
	sd_event *event;
	sd_event_source *listening;
	int listener;
	struct connection connections[EMBARGO_OFFERED_CONNECTIONS];
};

static void disconnect(struct connection *connection)
{
	connection->source = sd_event_source_disable_unref(connection->source);
	close(connection->socket);
	/* There is room for one more. */
	sd_event_source_set_enabled(connection->offered->listening, SD_EVENT_ON);
}

static void look(const struct embargo_offered *offered, int fd)
{
	char path[PATH_MAX];
	int error = embargo_descriptor_path(fd, path);

	offered->callbacks->look(offered->context, fd, error ? NULL : path);
}

static int on_file(sd_event_source *source, int socket, uint32_t events, void *context)
{
	struct connection *connection = context;
	_cleanup_close_ int fd = -1;
	char byte;
	int got = embargo_descriptor_receive(socket, MSG_DONTWAIT, &byte, &fd, 1);

	(void)source;
	(void)events;
	if (got == -EAGAIN)
		return 0;
	if (got < 0 || byte != EMBARGO_OFFERED_FILE)
		disconnect(connection);
	else if (got)
		look(connection->offered, fd);
	return 0;
}

static struct connection *find_free(struct embargo_offered *offered)
{
	for (size_t i = 0; i < EMBARGO_OFFERED_CONNECTIONS; i++)
		if (!offered->connections[i].source)
			return &offered->connections[i];
	return NULL;
}

static int on_connection(sd_event_source *source, int listener, uint32_t events, void *context)
{
	struct embargo_offered *offered = context;
	struct connection *connection = find_free(offered);
	_cleanup_close_ int socket = -1;

	(void)events;
	if (!connection)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	socket = embargo_socket_accept(listener);
	if (socket < 0 || !embargo_socket_peer(socket))
		return 0;
	if (sd_event_add_io(offered->event, &connection->source, socket, EPOLLIN, on_file,
			    connection) < 0)
		return 0;
	connection->offered = offered;
	connection->socket = TAKE_FD(socket);
	return 0;
}

int embargo_offered_open(struct sd_event *event, const struct embargo_offered_callbacks *callbacks,
			 void *context, struct embargo_offered **offered)
{
	struct embargo_offered *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->callbacks = callbacks;
	made->context = context;
	made->event = event;
	made->listener = -1;
	error = embargo_socket_listen(EMBARGO_OFFERED_SOCKET, EMBARGO_OFFERED_CONNECTIONS,
				      &made->listener);
	if (!error)
		error = sd_event_add_io(event, &made->listening, made->listener, EPOLLIN,
					on_connection, made);
	if (error >= 0)
		error = sd_event_source_set_ratelimit(made->listening, 1000000,
						      CONNECTIONS_A_SECOND);
	if (error < 0) {
		embargo_offered_close(made);
		return error;
	}
	*offered = made;
	return 0;
}

void embargo_offered_close(struct embargo_offered *offered)
{
	if (!offered)
		return;
	for (size_t i = 0; i < EMBARGO_OFFERED_CONNECTIONS; i++)
		if (offered->connections[i].source)
			disconnect(&offered->connections[i]);
	sd_event_source_disable_unref(offered->listening);
	if (offered->listener >= 0)
		close(offered->listener);
	free(offered);
}
