// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs one command in a guest and carries its output and exit status to the host; PID 1 of the
 * minimal guest. */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

/* What a leftover process may hold up the end, in milliseconds. */
#define DRAIN_LIMIT_MS 5000
#define DRAIN_IDLE_MS  100
/* A host that is gone sends no acknowledgement: do not wait for it for ever. */
#define ACKNOWLEDGE_LIMIT_MS 60000
#define MOUNTS_MAX	     256

struct stream {
	enum channel_kind kind;
	int fd;	      /* what the agent reads, -1 at its end */
	int child_fd; /* what the command writes */
};

struct agent {
	bool init; /* PID 1: owns the whole guest */
	bool hold; /* keep output back until the end: nothing disturbs what is measured */
	int port;
	pid_t child;
	int status; /* -1 while the command runs */
	struct stream streams[2];
};

static void die(const char *what)
{
	fprintf(stderr, "vm agent: %s: %s\n", what, strerror(errno));
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	exit(125);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void send_frame(struct agent *a, enum channel_kind kind, const void *bytes, size_t length)
{
	static char buffer[sizeof(struct channel_header) + CHANNEL_PAYLOAD_MAX];
	struct channel_header header = { .kind = kind, .length = length };
	size_t total = sizeof(header) + length, done = 0;

	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), bytes, length);
	while (done < total) {
		ssize_t n = write(a->port, buffer + done, total - done);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			die("write to the host");
		if (n > 0)
			done += n;
	}
}

/* The port's device node: the one whose sysfs entry carries our name. */
static int open_port(void)
{
	static const char class[] = "/sys/class/virtio-ports";

	for (int tries = 0; tries < 500; tries++) {
		DIR *dir = opendir(class);
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			char path[PATH_MAX], name[64] = "";
			FILE *file;
			int fd;

			snprintf(path, sizeof(path), "%s/%s/name", class, entry->d_name);
			file = fopen(path, "re");
			if (!file)
				continue;
			if (!fgets(name, sizeof(name), file))
				name[0] = '\0';
			fclose(file);
			if (strncmp(name, CHANNEL_PORT_NAME, strlen(CHANNEL_PORT_NAME)) != 0)
				continue;
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_RDWR | O_CLOEXEC);
			if (fd >= 0) {
				closedir(dir);
				return fd;
			}
		}
		if (dir)
			closedir(dir);
		usleep(10000);
	}
	errno = ENODEV;
	die("no port to the host: is the module virtio_console beside the kernel?");
	return -1;
}

/* Reads a file of NUL-ended words into an argument vector. Lives as long as the agent. */
static char **read_command(const char *path)
{
	char *text = NULL, **argv, *at;
	size_t size = 0, words = 0, i = 0;
	FILE *file = fopen(path, "re");
	FILE *copy = open_memstream(&text, &size);
	int c;

	if (!file || !copy)
		die(path);
	while ((c = fgetc(file)) != EOF) {
		fputc(c, copy);
		words += c == '\0';
	}
	fclose(file);
	fclose(copy);
	argv = calloc(words + 1, sizeof(*argv));
	if (!argv || !words)
		die("empty command");
	for (at = text; i < words; at += strlen(at) + 1)
		argv[i++] = at;
	return argv;
}

static void open_streams(struct agent *a)
{
	for (int i = 0; i < 2; i++) {
		struct stream *s = &a->streams[i];

		s->kind = i == 0 ? CHANNEL_OUTPUT : CHANNEL_ERROR;
		if (a->hold) {
			char path[] = "/tmp/.vm-output-XXXXXX";

			s->fd = mkostemp(path, O_CLOEXEC);
			s->child_fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
			unlink(path);
			if (s->fd < 0 || s->child_fd < 0)
				die("hold output");
		} else {
			int ends[2];

			if (pipe2(ends, O_CLOEXEC))
				die("pipe");
			s->fd = ends[0];
			s->child_fd = ends[1];
			fcntl(s->fd, F_SETFL, O_NONBLOCK);
		}
	}
}

static void start_command(struct agent *a, char **argv)
{
	a->child = fork();
	if (a->child < 0)
		die("fork");
	if (a->child == 0) {
		sigset_t none;
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		if (chdir("/root") && chdir("/"))
			_exit(125);
		dup2(null, 0);
		dup2(a->streams[0].child_fd, 1);
		dup2(a->streams[1].child_fd, 2);
		execvp(argv[0], argv);
		fprintf(stderr, "vm: %s: %s\n", argv[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	for (int i = 0; i < 2; i++)
		close(a->streams[i].child_fd);
}

/* Passes on what one stream holds now. Returns whether there was anything. */
static bool pump(struct agent *a, struct stream *s)
{
	static char bytes[CHANNEL_PAYLOAD_MAX];
	ssize_t n;

	if (s->fd < 0)
		return false;
	n = read(s->fd, bytes, sizeof(bytes));
	if (n > 0) {
		send_frame(a, s->kind, bytes, n);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(s->fd);
		s->fd = -1;
	}
	return false;
}

static void reap(struct agent *a)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == a->child)
			a->status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void pump_until_exit(struct agent *a, int signals)
{
	while (a->status < 0) {
		struct pollfd fds[3] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = a->hold ? -1 : a->streams[0].fd, .events = POLLIN },
			{ .fd = a->hold ? -1 : a->streams[1].fd, .events = POLLIN },
		};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			die("poll");
		for (int i = 0; i < 2; i++)
			if (fds[i + 1].revents)
				pump(a, &a->streams[i]);
		if (fds[0].revents) {
			struct signalfd_siginfo info;

			if (read(signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
				die("signalfd");
			reap(a);
		}
	}
}

/*
 * What the command left in the pipes still counts. A process that it left
 * behind may hold a pipe open for ever: as PID 1 the agent ends them all, and
 * otherwise it takes silence for the end.
 */
static void drain(struct agent *a)
{
	long limit = now_ms() + DRAIN_LIMIT_MS;

	if (a->init)
		kill(-1, SIGKILL);
	while (now_ms() < limit) {
		struct pollfd fds[2] = {
			{ .fd = a->streams[0].fd, .events = POLLIN },
			{ .fd = a->streams[1].fd, .events = POLLIN },
		};

		if (a->streams[0].fd < 0 && a->streams[1].fd < 0)
			return;
		reap(a);
		if (poll(fds, 2, DRAIN_IDLE_MS) == 0 && !a->init)
			return;
		for (int i = 0; i < 2; i++)
			while (fds[i].revents && pump(a, &a->streams[i]))
				;
	}
}

/* Leaves every disk clean: the next guest may be given the same one. */
static void unmount_disks(void)
{
	static char *points[MOUNTS_MAX];
	char source[PATH_MAX], point[PATH_MAX];
	FILE *file = fopen("/proc/self/mounts", "re");
	int n = 0;

	while (file && n < MOUNTS_MAX && fscanf(file, "%4095s %4095s %*[^\n]", source, point) == 2)
		if (strncmp(source, "/dev/", 5) == 0)
			points[n++] = strdup(point);
	if (file)
		fclose(file);
	while (n-- > 0)
		if (points[n])
			umount2(points[n], 0);
	sync();
}

static void wait_for_acknowledgement(struct agent *a)
{
	struct pollfd fd = { .fd = a->port, .events = POLLIN };

	poll(&fd, 1, ACKNOWLEDGE_LIMIT_MS);
}

int main(int argc, char **argv)
{
	struct agent a = { .status = -1, .init = getpid() == 1 };
	char **command;
	unsigned char status;
	sigset_t child;
	int signals;

	for (; argc > 2 && strcmp(argv[1], "--hold") == 0; argc--, argv++)
		a.hold = true;
	if (argc != 2)
		die("usage: agent [--hold] COMMAND-FILE");
	command = read_command(argv[1]);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	a.port = open_port();
	open_streams(&a);
	send_frame(&a, CHANNEL_BEGIN, "", 0);
	if (a.hold)
		sleep(1); /* let the port's interrupts pass before anything is measured */
	start_command(&a, command);
	pump_until_exit(&a, signals);
	drain(&a);
	if (a.init)
		unmount_disks();
	status = a.status;
	send_frame(&a, CHANNEL_EXIT, &status, 1);
	wait_for_acknowledgement(&a);
	if (a.init)
		reboot(RB_POWER_OFF);
	return 0;
}
