// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs an emulator, passes on what its guest's command prints, and ends it in time; the host's side
 * of the channel. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

/* How long a guest that shuts itself down in order may take. */
#define SHUTDOWN_LIMIT_MS 60000

/* How it ended, in the order of what is certain. The words are what scripts/vm reads. */
enum end {
	END_UNKNOWN,
	END_EXIT,    /* the command ended */
	END_TIMEOUT, /* its time was up */
	END_STUCK,   /* the machine did not get as far as the command */
	END_CUT,     /* the power was cut, as asked */
	END_GONE,    /* the machine went without a word */
	END_COUNT,
};

static const char *const end_words[] = {
	[END_UNKNOWN] = "unknown", [END_EXIT] = "exit", [END_TIMEOUT] = "timeout",
	[END_STUCK] = "stuck",	   [END_CUT] = "cut",	[END_GONE] = "gone",
};

_Static_assert(sizeof(end_words) / sizeof(end_words[0]) == END_COUNT, "a word for each end");

struct machine {
	pid_t pid;
	int port_out, port_in, signals;
	bool orderly; /* let the guest shut down by itself after the command */
	bool began, spoke, running;
	long deadline;	/* milliseconds of the monotonic clock */
	long boot;	/* when the command must have begun, LONG_MAX once it has */
	long cut_after; /* milliseconds after the command began, 0 for never */
	long cut;	/* when, LONG_MAX until then */
	int status;
	enum end end;
	size_t fill;
	char buffer[sizeof(struct channel_header) + CHANNEL_PAYLOAD_MAX];
};

static void die(const char *what)
{
	fprintf(stderr, "vm: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = { .fd = fd, .events = POLLOUT };

			poll(&ready, 1, -1);
			continue;
		}
		if (n < 0 && errno != EINTR)
			die("write");
		if (n > 0) {
			bytes += n;
			length -= n;
		}
	}
}

static void start(struct machine *m, char **argv, const char *log, const sigset_t *mask)
{
	pid_t parent = getpid();

	m->pid = fork();
	if (m->pid < 0)
		die("fork");
	if (m->pid == 0) {
		int null = open("/dev/null", O_RDWR);
		int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		/* An emulator never outlives the one who watches it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent || null < 0 || out < 0)
			_exit(125);
		sigprocmask(SIG_SETMASK, mask, NULL);
		dup2(null, 0);
		dup2(out, 1);
		dup2(out, 2);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(125);
	}
	m->running = true;
}

/* The emulator opens its ends of PORT.in and PORT.out itself. Ours are read-write: no false end of
 * file. */
static int open_fifo(const char *port, const char *suffix)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s.%s", port, suffix);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		die(path);
	return fd;
}

static void stop(struct machine *m)
{
	if (m->running)
		kill(m->pid, SIGKILL);
}

static void take_frame(struct machine *m, const struct channel_header *header, const char *payload)
{
	switch (header->kind) {
	case CHANNEL_BEGIN:
		m->began = true;
		m->boot = LONG_MAX;
		if (m->cut_after)
			m->cut = now_ms() + m->cut_after;
		break;
	case CHANNEL_OUTPUT:
	case CHANNEL_ERROR:
		m->spoke = true;
		write_all(header->kind == CHANNEL_OUTPUT ? 1 : 2, payload, header->length);
		break;
	case CHANNEL_EXIT:
		m->end = END_EXIT;
		m->status = header->length ? (unsigned char)payload[0] : 125;
		m->cut = LONG_MAX;
		m->deadline = now_ms() + SHUTDOWN_LIMIT_MS;
		if (!m->orderly)
			stop(m);
		else if (write(m->port_in, "k", 1) < 0)
			die("acknowledge");
		break;
	default:
		errno = EPROTO;
		die("the guest's channel");
	}
}

/* Returns whether there was anything to take. */
static bool receive(struct machine *m)
{
	struct channel_header header;
	ssize_t n = read(m->port_out, m->buffer + m->fill, sizeof(m->buffer) - m->fill);
	size_t at = 0;

	if (n <= 0)
		return false;
	m->fill += n;
	while (m->fill - at >= sizeof(header)) {
		memcpy(&header, m->buffer + at, sizeof(header));
		if (header.length > CHANNEL_PAYLOAD_MAX) {
			errno = EPROTO;
			die("the guest's channel");
		}
		if (m->fill - at < sizeof(header) + header.length)
			break;
		take_frame(m, &header, m->buffer + at + sizeof(header));
		at += sizeof(header) + header.length;
	}
	memmove(m->buffer, m->buffer + at, m->fill - at);
	m->fill -= at;
	return true;
}

static void take_signal(struct machine *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof(info)) == sizeof(info) &&
	    waitpid(m->pid, NULL, WNOHANG) == m->pid)
		m->running = false;
}

static void take_time(struct machine *m)
{
	long now = now_ms();

	if (m->end == END_UNKNOWN && now >= m->deadline)
		m->end = END_TIMEOUT;
	else if (m->end == END_UNKNOWN && now >= m->boot)
		m->end = END_STUCK;
	else if (m->end == END_UNKNOWN && now >= m->cut)
		m->end = END_CUT;
	else if (now < m->deadline)
		return;
	m->deadline = m->boot = m->cut = LONG_MAX;
	stop(m);
}

static long next_time(const struct machine *m)
{
	long next = m->deadline < m->boot ? m->deadline : m->boot;

	return next < m->cut ? next : m->cut;
}

static void supervise(struct machine *m)
{
	while (m->running) {
		struct pollfd fds[2] = {
			{ .fd = m->port_out, .events = POLLIN },
			{ .fd = m->signals, .events = POLLIN },
		};
		long next = next_time(m);
		long left = next == LONG_MAX ? -1 : next - now_ms();

		if (next != LONG_MAX && left < 0)
			left = 0;
		if (poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents)
			receive(m);
		if (fds[1].revents)
			take_signal(m);
		take_time(m);
	}
	while (receive(m))
		;
	if (m->end == END_UNKNOWN)
		m->end = END_GONE;
}

static void write_result(const struct machine *m, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file ||
	    fprintf(file, "%s %d %d %d\n", end_words[m->end], m->status, m->began, m->spoke) < 0 ||
	    fclose(file))
		die(path);
}

/* supervise stop|orderly RESULT LOG PORT TIMEOUT-S BOOT-S KILL-AFTER-S EMULATOR ARGUMENT... */
int main(int argc, char **argv)
{
	static struct machine m = { .status = 125, .cut = LONG_MAX };
	sigset_t child, before;

	if (argc < 9) {
		errno = EINVAL;
		die("supervise");
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	m.orderly = strcmp(argv[1], "orderly") == 0;
	m.deadline = now_ms() + (long)(strtod(argv[5], NULL) * 1000);
	m.boot = now_ms() + (long)(strtod(argv[6], NULL) * 1000);
	m.cut_after = (long)(strtod(argv[7], NULL) * 1000);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	m.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	m.port_out = open_fifo(argv[4], "out");
	m.port_in = open_fifo(argv[4], "in");
	start(&m, argv + 8, argv[3], &before);
	supervise(&m);
	write_result(&m, argv[2]);
	return 0;
}
