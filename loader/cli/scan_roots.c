// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the trees of a scan, without waiting for a server of somebody's. */
#include "loader/cli/scan_roots.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/watch/inventory.h"
#include "loader/watch/mounts.h"

/* What a path leads to. A pipe takes it whole or not at all: it is written in one. */
struct place {
	int error;
	uint64_t mount;
	uint32_t mode;
	char path[PATH_MAX]; /* links followed; short of its end, which is not written */
};

#define PLACE_HEAD offsetof(struct place, path)

static void find(const char *path, struct place *place)
{
	struct statx status;
	int fd = -1;

	if (!realpath(path, place->path) ||
	    (fd = open(place->path, O_PATH | O_NOFOLLOW | O_CLOEXEC)) < 0 ||
	    statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, &status)) {
		place->error = -errno;
		return;
	}
	place->mount = status.stx_mnt_id;
	place->mode = status.stx_mode;
}

/* In a process of its own, which may wait for ever. */
static void send_place(const char *path, int pipe_end)
{
	struct place place = { .error = 0 };
	size_t size;

	find(path, &place);
	size = PLACE_HEAD + strlen(place.path);
	_exit(write(pipe_end, &place, size) != (ssize_t)size);
}

static int receive_place(int pipe_end, struct place *place)
{
	struct pollfd readable = { .fd = pipe_end, .events = POLLIN };
	ssize_t got;
	int ready;

	do
		ready = poll(&readable, 1, EMBARGO_SCAN_ROOT_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return -ETIMEDOUT;
	got = read(pipe_end, place, sizeof(*place) - 1);
	return got < (ssize_t)PLACE_HEAD ? -EIO : place->error;
}

static int locate(const char *path, struct place *place)
{
	int ends[2], error;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		send_place(path, ends[1]);
	close(ends[1]);
	error = child < 0 ? -EAGAIN : receive_place(ends[0], place);
	close(ends[0]);
	if (child > 0)
		kill(child, SIGKILL);
	/* Who does not end is left to whoever takes it over. */
	if (child > 0)
		waitpid(child, NULL, error == -ETIMEDOUT ? WNOHANG : 0);
	return error;
}

static int add(struct embargo_inventory *inventory, const char *path)
{
	int error = embargo_inventory_add(inventory, path);

	if (error)
		embargo_log_error(path, "cannot be scanned: %s", embargo_file_error(error));
	return error;
}

/* One that is hidden beneath another cannot be reached, nor can what is on it be run. */
static int add_mount(void *context, const struct embargo_mount *mount)
{
	_cleanup_close_ int fd = -1;

	if (embargo_mounts_open(mount, &fd))
		return -EAGAIN;
	return add(context, mount->path);
}

int embargo_scan_roots_add_all(struct embargo_inventory *inventory)
{
	int error = embargo_mounts_each(0, add_mount, inventory);

	if (error)
		embargo_log_error("mounts", "%s", strerror(-error));
	return error;
}

static int add_mount_below(void *context, const struct embargo_mount *mount)
{
	int error = add_mount(context, mount);

	return error == -EAGAIN ? 0 : error;
}

int embargo_scan_roots_add(struct embargo_inventory *inventory, const char *path)
{
	struct place place = { .error = 0 };
	int error = locate(path, &place);

	if (error == -ETIMEDOUT) {
		embargo_log_error(path, "does not answer; it lies on a file system of a server or "
					"a program that hangs");
		return error;
	}
	if (!error && !S_ISDIR(place.mode) && !S_ISREG(place.mode))
		error = -EINVAL;
	if (error) {
		embargo_log_error(path, "cannot be scanned: %s",
				  error == -EINVAL ? "is neither a folder nor a regular file"
						   : strerror(-error));
		return error;
	}
	if (!embargo_mounts_id_is_local(place.mount)) {
		embargo_log_error(path, "lies on no local file system; `embargo check` takes its "
					"files one by one");
		return -EREMOTE;
	}
	error = add(inventory, place.path);
	if (!error && S_ISDIR(place.mode))
		error = embargo_mounts_each_below(place.path, add_mount_below, inventory);
	return error;
}
