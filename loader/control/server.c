// SPDX-License-Identifier: GPL-2.0-or-later
/* The server: takes connections up, tells who is there, and forks. It reads nothing itself. */
#include "loader/control/server.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/socket.h"
#include "loader/control/exchange.h"

/* Who comes while all are busy waits here, a hundred at once. */
#define BACKLOG 128

/* Two packets under way, as the kernel counts them. */
#define SEND_BUFFER (2 * EMBARGO_CONTROL_PACKET)

struct running {
	pid_t pid; /* 0: free */
	bool is_roots;
};

struct server {
	int listener, signals;
	gid_t group;
	const embargo_control_handler *handlers;
	sigset_t mask; /* as it was */
	struct running running[2 * EMBARGO_CONTROL_AT_A_TIME];
};

int embargo_control_listen(const char *path, gid_t group, int *fd)
{
	bool has_group = group != EMBARGO_CONTROL_NO_GROUP;

	if (setgroups(has_group ? 1 : 0, has_group ? &group : NULL))
		return -errno;
	return embargo_socket_listen_for(path, group, BACKLOG, fd);
}

/* NULL where as many run as may, for root or for all others. */
static struct running *find_room(struct server *server, bool is_roots)
{
	struct running *room = NULL;
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(server->running); i++) {
		if (!server->running[i].pid)
			room = &server->running[i];
		else
			count += server->running[i].is_roots == is_roots;
	}
	return count < EMBARGO_CONTROL_AT_A_TIME ? room : NULL;
}

/* What was asked is not read: that is for a process that nobody waits for. */
static void send_away(int socket)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	uint8_t packet[EMBARGO_CONTROL_PACKET];

	embargo_diagnostic_what(&diagnostic, 0, "too many ask at once");
	embargo_control_send(socket, packet,
			     embargo_control_answer_end(-EUSERS, &diagnostic, packet), 0);
}

static void become_exchange(const struct server *server, int socket,
			    const struct embargo_control_peer *peer)
{
	close(server->listener);
	close(server->signals);
	sigprocmask(SIG_SETMASK, &server->mask, NULL);
	embargo_control_exchange(socket, peer, server->handlers);
	_exit(0);
}

/* Without a free descriptor whoever waits can be neither taken up nor sent away: later. */
static void wait_for_descriptors(int error)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000000 };

	if (error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM)
		nanosleep(&pause, NULL);
}

static void take_up(struct server *server)
{
	_cleanup_close_ int socket = embargo_socket_accept(server->listener);
	const int room = SEND_BUFFER;
	struct embargo_control_peer peer;
	struct running *running;
	pid_t child;

	if (socket < 0) {
		wait_for_descriptors(socket);
		return;
	}
	setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	embargo_control_peer_find(socket, server->group, &peer);
	running = find_room(server, peer.rank == EMBARGO_CONTROL_ROOT);
	child = running ? fork() : -1;
	if (!child)
		become_exchange(server, socket, &peer);
	if (child > 0)
		*running = (struct running) { child, peer.rank == EMBARGO_CONTROL_ROOT };
	else
		send_away(socket);
}

static void bury(struct server *server)
{
	pid_t child;

	while ((child = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < ARRAY_SIZE(server->running); i++)
			if (server->running[i].pid == child)
				server->running[i].pid = 0;
}

/* Whether to go on: not once SIGTERM has come. */
static bool hear_signals(struct server *server)
{
	struct signalfd_siginfo info;
	bool goes_on = true;

	while (read(server->signals, &info, sizeof(info)) == sizeof(info))
		goes_on &= info.ssi_signo != SIGTERM;
	bury(server);
	return goes_on;
}

static int loop(struct server *server)
{
	struct pollfd fds[] = {
		{ .fd = server->signals, .events = POLLIN },
		{ .fd = server->listener, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (!hear_signals(server))
			return 0;
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			return -EIO;
		if (fds[1].revents)
			take_up(server);
	}
}

int embargo_control_serve(int listener, gid_t group,
			  const embargo_control_handler handlers[static EMBARGO_CONTROL_VERBS])
{
	struct server server = { .listener = listener, .group = group, .handlers = handlers };
	sigset_t heard;
	int error;

	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &heard, &server.mask))
		return -errno;
	server.signals = signalfd(-1, &heard, SFD_NONBLOCK | SFD_CLOEXEC);
	if (server.signals < 0)
		return -errno;
	error = loop(&server);
	close(server.signals);
	return error;
}
