// SPDX-License-Identifier: GPL-2.0-or-later
/* Attempts: each in a child with a deadline, and what the ways share in there. */
#include "loader/prove/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

/* What the child says: that it waits, or how it ended. */
struct word {
	bool waits;
	int result;
};

static int64_t milliseconds(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The child is gone with whom it works for, and is heard by nobody else. */
static void child(struct embargo_attempt *attempt, int channel, pid_t parent)
{
	struct word word = { .waits = false };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	attempt->channel = channel;
	word.result = attempt->way->attempt(attempt);
	send(channel, &word, sizeof(word), MSG_NOSIGNAL);
	_exit(0);
}

/* Reads what the child says until it is done, or its time is over. */
static int listen_to(int channel, int (*ban)(void *context), void *context)
{
	int64_t end = milliseconds() + EMBARGO_ATTEMPT_SECONDS * 1000LL, left;
	struct pollfd heard = { .fd = channel, .events = POLLIN };
	struct word word;

	for (;;) {
		left = end - milliseconds();
		if (left <= 0)
			return -ETIME;
		if (poll(&heard, 1, left) <= 0)
			continue;
		if (recv(channel, &word, sizeof(word), 0) != sizeof(word))
			return -ECHILD;
		if (!word.waits)
			return word.result;
		word.result = ban(context);
		if (word.result)
			return word.result;
		if (send(channel, &word, sizeof(word), MSG_NOSIGNAL) != sizeof(word))
			return -ECHILD;
	}
}

int embargo_attempt_make(struct embargo_attempt *attempt, int (*ban)(void *context), void *context)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	pid_t parent = getpid(), pid;
	int pair[2], result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		close(ours);
		child(attempt, theirs, parent);
	}
	close(theirs);
	theirs = -1;
	result = listen_to(ours, ban, context);
	/* Its whole group, and itself by name where it had no group yet. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

int embargo_attempt_await(const struct embargo_attempt *attempt)
{
	struct word word = { .waits = true };

	if (send(attempt->channel, &word, sizeof(word), MSG_NOSIGNAL) != sizeof(word) ||
	    recv(attempt->channel, &word, sizeof(word), 0) != sizeof(word))
		return -EPIPE;
	return word.result;
}

int embargo_attempt_overwrite(int fd, const uint8_t *bytes, size_t size)
{
	ssize_t done = pwrite(fd, bytes, size, 0);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

int embargo_attempt_write(const struct embargo_attempt *attempt, const char *name,
			  const uint8_t *bytes)
{
	_cleanup_close_ int folder = open(EMBARGO_GROUND, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = -1;

	unlinkat(folder, name, 0); /* of an attempt before */
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0755))
		return -errno;
	return embargo_attempt_overwrite(fd, bytes, attempt->size);
}

int embargo_attempt_nameless(const struct embargo_attempt *attempt, const uint8_t *bytes)
{
	const int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
	_cleanup_close_ int fd = -1;
	int error;

	switch (attempt->way->place) {
	case EMBARGO_PLACE_LABELLED:
		if (attempt->ground->labelled < 0)
			return -ENOTSUP;
		fd = openat(attempt->ground->labelled, ".", flags, 0755);
		break;
	case EMBARGO_PLACE_MEMORY:
		fd = memfd_create("canary", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		break;
	case EMBARGO_PLACE_TMPFS:
		fd = open(EMBARGO_GROUND, flags, 0755);
		break;
	}
	if (fd < 0)
		return -errno;
	error = embargo_attempt_overwrite(fd, bytes, attempt->size);
	return error ? error : TAKE_FD(fd);
}

int embargo_attempt_reopen(int fd, int flags)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags | O_CLOEXEC);
	return again < 0 ? -errno : again;
}

int embargo_attempt_open(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int writer = embargo_attempt_nameless(attempt, attempt->bytes);

	return writer < 0 ? writer : embargo_attempt_reopen(writer, O_RDONLY);
}

static void execute(const struct embargo_execution *execution)
{
	char *const arguments[] = { (char *)"canary", (char *)execution->argument, NULL };
	char *const environment[] = { NULL };

	syscall(SYS_execveat, execution->folder, execution->path, arguments, environment,
		execution->flags);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == EMBARGO_CANARY_STATUS ? 0 : -ECHILD;
}

/* The parent's memory is shared until the execution has succeeded: that is how its error is
 * heard. */
static int execute_by_vfork(const struct embargo_execution *execution)
{
	volatile int error = 0;
	int result;
	pid_t pid = vfork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		execute(execution);
		error = -errno;
		_exit(1);
	}
	result = wait_for(pid);
	return error ? error : result;
}

int embargo_attempt_execute(const struct embargo_attempt *attempt,
			    const struct embargo_execution *execution)
{
	_cleanup_close_ int reader = -1, writer = -1;
	int pair[2], error = 0, result;
	pid_t pid;

	if (execution->by_vfork)
		return execute_by_vfork(execution);
	if (pipe2(pair, O_CLOEXEC))
		return -errno;
	reader = pair[0];
	writer = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		error = execution->before ? execution->before(attempt) : 0;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!error) {
			execute(execution);
			error = -errno;
		}
		if (write(writer, &error, sizeof(error)) != sizeof(error))
			_exit(2);
		_exit(1);
	}
	close(writer);
	writer = -1;
	if (read(reader, &error, sizeof(error)) != sizeof(error))
		error = 0;
	result = wait_for(pid);
	return error ? error : result;
}

int embargo_attempt_execute_fd(const struct embargo_attempt *attempt, int fd)
{
	return embargo_attempt_execute(
		attempt,
		&(struct embargo_execution) { .folder = fd, .path = "", .flags = AT_EMPTY_PATH });
}

int embargo_attempt_execute_path(const struct embargo_attempt *attempt, const char *path)
{
	return embargo_attempt_execute(attempt, &(struct embargo_execution) { .folder = AT_FDCWD,
									      .path = path });
}
