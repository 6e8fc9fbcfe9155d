// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Executes programs that nobody listed, one after the other, until SIGTERM: beside a fault, to show
 * that it stops none of them. Between two of them it pauses, until SIGUSR1. What came of it stands
 * in REPORT at any time, in one line of a fixed length.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "helper.h"

static volatile sig_atomic_t ended, hurried;

static struct {
	long ran, refused, other;
	long slowest; /* ms, from the fork to the end of the program */
	int error;    /* of the last that failed */
	int status;   /* where it did not fail: how it ended */
} seen;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void hurry(int signal)
{
	(void)signal;
	hurried = 1;
}

static long milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* 0, or the errno of the fork or of the exec. A vfork child shares this memory. */
static int execute(char *program, int *status)
{
	static volatile int failed;
	pid_t child;

	failed = 0;
	child = vfork();
	if (child == 0) {
		execv(program, (char *[]) { program, NULL });
		failed = errno;
		_exit(REFUSED);
	}
	if (child < 0)
		return errno;
	while (waitpid(child, status, 0) != child)
		if (errno != EINTR)
			return errno;
	return failed;
}

static void try(char *program)
{
	long began = milliseconds(), took;
	int status = 0, error = execute(program, &status);

	took = milliseconds() - began;
	if (took > seen.slowest)
		seen.slowest = took;
	if (!error && !status) {
		seen.ran++;
		return;
	}
	seen.refused += error == EPERM;
	seen.other += error != EPERM;
	seen.error = error;
	seen.status = status;
}

/* Over what is there: no reader finds half a line, and a full file system takes it. */
static void report(int fd)
{
	const char *error = seen.error ? strerrorname_np(seen.error) : "none";
	char line[160];
	int length = snprintf(
		line, sizeof(line),
		"ran=%-9ld refused=%-9ld other=%-9ld slowest=%-9ld error=%-15s status=%-9d\n",
		seen.ran, seen.refused, seen.other, seen.slowest, error ? error : "unknown",
		seen.status);

	if (pwrite(fd, line, (size_t)length, 0) != length)
		refuse("report");
}

int main(int argc, char **argv)
{
	struct timespec pause = { .tv_sec = 0 };
	long us;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "usage: unlisted REPORT MICROSECONDS PROGRAM...\n");
		return 2;
	}
	us = strtol(argv[2], NULL, 10);
	pause = (struct timespec) { us / 1000000, us % 1000000 * 1000 };
	fd = open_or_refuse(argv[1], O_WRONLY | O_CREAT);
	signal(SIGTERM, end);
	signal(SIGUSR1, hurry);
	for (int i = 3; !ended; i = i + 1 < argc ? i + 1 : 3) {
		try(argv[i]);
		report(fd);
		if (us && !hurried)
			nanosleep(&pause, NULL);
	}
	report(fd);
	return 0;
}
