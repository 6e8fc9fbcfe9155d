// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening what the kernel half has met, without waiting for a server of somebody's. */
#include "loader/watch/sighted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/file.h"
#include "loader/watch/mounts.h"

/* Openers that did not answer and have not ended yet: with so many no path is opened any more. */
#define HUNG_MAX 8

struct embargo_sighted {
	uint64_t *devices; /* of local file systems, as they were last looked for */
	size_t count;
	time_t looked;
	uint64_t memory; /* the device of memory files, which nobody mounts */
	pid_t hung[HUNG_MAX];
};

int embargo_sighted_open(struct embargo_sighted **sighted)
{
	struct embargo_sighted *made = calloc(1, sizeof(*made));
	_cleanup_close_ int fd = memfd_create("", MFD_CLOEXEC);
	struct stat status;

	if (!made)
		return -ENOMEM;
	if (fd >= 0 && !fstat(fd, &status))
		made->memory = status.st_dev;
	*sighted = made;
	return 0;
}

void embargo_sighted_close(struct embargo_sighted *sighted)
{
	if (!sighted)
		return;
	free(sighted->devices);
	free(sighted);
}

static int note_mount(void *context, const struct embargo_mount *mount)
{
	struct embargo_sighted *sighted = context;
	void *devices = reallocarray(sighted->devices, sighted->count + 1, sizeof(mount->device));

	if (!devices)
		return -ENOMEM;
	sighted->devices = devices;
	sighted->devices[sighted->count++] = mount->device;
	return 0;
}

static int note_namespace(void *context, pid_t pid)
{
	embargo_mounts_each(pid, note_mount, context);
	return 0;
}

static bool is_noted(const struct embargo_sighted *sighted, uint64_t device)
{
	for (size_t i = 0; i < sighted->count; i++)
		if (sighted->devices[i] == device)
			return true;
	return false;
}

/* Unknown ones are looked for, once a second at most. */
static bool is_local(struct embargo_sighted *sighted, uint64_t device)
{
	struct timespec now;
	pid_t begin = 0;

	if (is_noted(sighted, device))
		return true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (sighted->looked == now.tv_sec)
		return false;
	sighted->looked = now.tv_sec;
	sighted->count = 0;
	embargo_mounts_each(0, note_mount, sighted);
	embargo_mounts_each_namespace(&begin, note_namespace, sighted);
	return is_noted(sighted, device);
}

static uint64_t device_of(const struct embargo_sighting *sighting)
{
	return makedev(sighting->device >> 20, sighting->device & 0xfffff);
}

/*
 * Is the O_PATH descriptor @fd the file that was met? No server is asked. (Files of a subvolume of
 * btrfs have another device here than the kernel half sees: they are left to the notices.)
 */
static bool is_it(int fd, const struct embargo_sighting *sighting)
{
	struct statx status;

	return !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_TYPE,
		      &status) &&
	       S_ISREG(status.stx_mode) && status.stx_ino == sighting->inode &&
	       makedev(status.stx_dev_major, status.stx_dev_minor) == device_of(sighting);
}

/* Follows a link of /proc, which leads to the file itself and through no folder. */
static int open_link(const char *link, const struct embargo_sighting *sighting, int *fd)
{
	_cleanup_close_ int found = open(link, O_PATH | O_CLOEXEC);

	if (found < 0)
		return -errno;
	return is_it(found, sighting) ? embargo_file_reopen(found, fd) : -ESTALE;
}

static int open_mapping(const struct embargo_sighting *sighting, int *fd)
{
	_cleanup_closedir_ DIR *mappings = NULL;
	struct dirent *entry;
	char link[64 + NAME_MAX];
	int left = EMBARGO_SIGHTED_MAPPINGS;

	snprintf(link, sizeof(link), "/proc/%u/map_files", sighting->pid);
	mappings = opendir(link);
	while (mappings && left-- && (entry = readdir(mappings))) {
		snprintf(link, sizeof(link), "/proc/%u/map_files/%s", sighting->pid, entry->d_name);
		if (entry->d_name[0] != '.' && !open_link(link, sighting, fd))
			return 0;
	}
	return -ENOENT;
}

static int open_by_process(const struct embargo_sighting *sighting, int *fd)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/%u/exe", sighting->pid);
	if (sighting->operation == EMBARGO_OPERATION_EXEC && !open_link(link, sighting, fd))
		return 0;
	return open_mapping(sighting, fd);
}

/* In a process of its own: the path may lead through a file system that never answers. */
static void send_path(const char *path, int socket)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	_exit(fd < 0 || embargo_descriptor_send(socket, 0, 0, &fd, 1) ? 1 : 0);
}

static int receive_path(int socket, int *fd)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };
	char byte;

	if (poll(&readable, 1, EMBARGO_SIGHTED_MS) <= 0)
		return -ETIMEDOUT;
	return embargo_descriptor_receive(socket, MSG_DONTWAIT, &byte, fd, 1) == 1 ? 0 : -ENOENT;
}

/* A place for one more opener that hangs, where there is one: those that have ended are let go. */
static pid_t *find_place(struct embargo_sighted *sighted)
{
	pid_t *place = NULL;

	for (size_t i = 0; i < HUNG_MAX; i++) {
		if (sighted->hung[i] && waitpid(sighted->hung[i], NULL, WNOHANG))
			sighted->hung[i] = 0;
		if (!sighted->hung[i])
			place = &sighted->hung[i];
	}
	return place;
}

static int ask_opener(const char *path, pid_t *hung, int *fd)
{
	int sockets[2], error;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	child = fork();
	if (!child)
		send_path(path, sockets[1]);
	close(sockets[1]);
	error = child < 0 ? -EAGAIN : receive_path(sockets[0], fd);
	close(sockets[0]);
	if (child > 0 && error == -ETIMEDOUT) {
		kill(child, SIGKILL);
		*hung = child;
	} else if (child > 0) {
		waitpid(child, NULL, 0);
	}
	return error;
}

/* The path as the caller saw it: where that was in another namespace, another file is here. */
static int open_by_path(struct embargo_sighted *sighted, const struct embargo_sighting *sighting,
			int *fd)
{
	_cleanup_close_ int found = -1;
	pid_t *place = find_place(sighted);
	int error;

	if (sighting->path[0] != '/' || !place)
		return -ENOENT;
	error = ask_opener(sighting->path, place, &found);
	if (error)
		return error;
	return is_it(found, sighting) ? embargo_file_reopen(found, fd) : -ESTALE;
}

static void name_it(int fd, const struct embargo_sighting *sighting, char path[static PATH_MAX])
{
	if (embargo_descriptor_path(fd, path))
		snprintf(path, PATH_MAX, "%s", sighting->path);
}

int embargo_sighted_find(struct embargo_sighted *sighted, const struct embargo_sighting *sighting,
			 int *fd, char path[static PATH_MAX])
{
	bool is_memory = device_of(sighting) == sighted->memory;
	int error;

	if (!is_memory && !is_local(sighted, device_of(sighting)))
		return -EREMOTE;
	error = open_by_process(sighting, fd);
	if (error && !is_memory)
		error = open_by_path(sighted, sighting, fd);
	if (!error)
		name_it(*fd, sighting, path);
	return error;
}

bool embargo_sighted_is_local(struct embargo_sighted *sighted, int fd)
{
	struct statx status;
	uint64_t device;
	int local;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status))
		return false;
	local = embargo_mounts_id_is_local(status.stx_mnt_id);
	if (local >= 0)
		return local;
	/* Of another namespace, or of none: a memory file. */
	device = makedev(status.stx_dev_major, status.stx_dev_minor);
	return device == sighted->memory || is_local(sighted, device);
}
