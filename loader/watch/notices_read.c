// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading fanotify's events, and opening what they are about. */
#include "loader/watch/notices_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/descriptor.h"
#include "loader/base/file.h"

/* What fanotify(7) gives a handle; the kernel's MAX_HANDLE_SZ. */
#define HANDLE_SIZE 128

struct event {
	uint64_t mask;
	pid_t pid;
	int fd; /* FAN_NOFD where there are handles */
	const uint8_t *fsid;
	const uint8_t *handle; /* NULL: none */
	uint32_t handle_size;
	int32_t handle_type;
};

/* The roots of file systems that are open while one buffer is gone through: there are few. */
struct roots {
	const struct embargo_watched *of[4];
	int fds[4];
	size_t next;
};

static void close_roots(struct roots *roots)
{
	for (size_t i = 0; i < ARRAY_SIZE(roots->fds); i++)
		embargo_cleanup_close(&roots->fds[i]);
}

/* open_by_handle_at(2) does not take an O_PATH descriptor on every kernel. */
static int open_root(struct roots *roots, const struct embargo_watched *watched)
{
	_cleanup_close_ int path = -1, fd = -1;
	struct stat status;
	char name[64];
	size_t slot;

	for (size_t i = 0; i < ARRAY_SIZE(roots->of); i++)
		if (roots->of[i] == watched)
			return roots->fds[i];
	if (embargo_mounts_open(&watched->mount, &path) || fstat(path, &status) ||
	    (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)))
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	slot = roots->next++ % ARRAY_SIZE(roots->of);
	embargo_cleanup_close(&roots->fds[slot]);
	roots->of[slot] = watched;
	roots->fds[slot] = TAKE_FD(fd);
	return roots->fds[slot];
}

/*
 * struct fanotify_event_info_fid, behind the event's own structure, once or twice:
 *
 * 0      1   2      4      12             16            20
 * type   0   size   fsid   handle's size  handle's type handle, and for a folder's a name
 */
static bool read_record(struct embargo_cursor *cursor, struct event *event)
{
	const uint8_t *head =
		embargo_cursor_take(cursor, sizeof(struct fanotify_event_info_header));
	struct fanotify_event_info_header header;
	struct embargo_cursor record;
	const uint8_t *bytes, *fsid;

	if (!head)
		return false;
	memcpy(&header, head, sizeof(header));
	if (header.len < sizeof(header))
		return false;
	bytes = embargo_cursor_take(cursor, header.len - sizeof(header));
	if (!bytes)
		return false;
	if (header.info_type != FAN_EVENT_INFO_TYPE_FID)
		return true;
	record = embargo_cursor_make(bytes, header.len - sizeof(header));
	fsid = embargo_cursor_take(&record, sizeof(__kernel_fsid_t));
	if (embargo_cursor_left(&record) < 8)
		return false;
	memcpy(&event->handle_size, embargo_cursor_take(&record, 4), 4);
	memcpy(&event->handle_type, embargo_cursor_take(&record, 4), 4);
	event->fsid = fsid;
	event->handle = event->handle_size && event->handle_size <= HANDLE_SIZE
				? embargo_cursor_take(&record, event->handle_size)
				: NULL;
	return true;
}

static bool read_event(struct embargo_cursor *cursor, struct event *event)
{
	const uint8_t *head = embargo_cursor_take(cursor, FAN_EVENT_METADATA_LEN);
	struct fanotify_event_metadata metadata;
	struct embargo_cursor records;
	const uint8_t *bytes;

	if (!head)
		return false;
	memcpy(&metadata, head, sizeof(metadata));
	if (metadata.vers != FANOTIFY_METADATA_VERSION || metadata.event_len < sizeof(metadata))
		return false;
	bytes = embargo_cursor_take(cursor, metadata.event_len - sizeof(metadata));
	if (!bytes)
		return false;
	*event = (struct event) { .mask = metadata.mask, .pid = metadata.pid, .fd = metadata.fd };
	records = embargo_cursor_make(bytes, metadata.event_len - sizeof(metadata));
	while (embargo_cursor_left(&records) && read_record(&records, event))
		;
	return true;
}

static const char *path_of(int fd, char path[PATH_MAX])
{
	if (embargo_descriptor_path(fd, path))
		path[0] = '\0';
	return path;
}

/* @fd is what the event is about, opened with O_PATH. */
static int tell(const struct embargo_notices *notices, const struct event *event, int fd)
{
	_cleanup_close_ int file = -1;
	char path[PATH_MAX];
	struct stat status;
	int error;

	if (fstat(fd, &status))
		return -errno;
	if (S_ISDIR(status.st_mode)) {
		if (event->mask & FAN_MOVED_TO)
			notices->callbacks.folder(notices->context, path_of(fd, path));
		return 0;
	}
	if (!S_ISREG(status.st_mode))
		return 0;
	/* Just made, and not another name of what was there: it is told when it is written. */
	if (!(event->mask & (FAN_CLOSE_WRITE | FAN_MOVED_TO)) && status.st_nlink < 2)
		return 0;
	error = embargo_file_reopen(fd, &file);
	if (error)
		return error;
	notices->callbacks.file(notices->context, file, path_of(file, path));
	file = -1;
	return 0;
}

/*
 * Two file systems of one fsid are copies of one image: the handle may lead to a file in each, of
 * which one is meant. All are told; to classify one too many is no harm.
 */
static int open_handle(const struct embargo_notices *notices, const struct event *event,
		       struct roots *roots)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + HANDLE_SIZE];
	} handle;
	int error = 0;

	handle.handle.handle_bytes = event->handle_size;
	handle.handle.handle_type = event->handle_type;
	memcpy(handle.handle.f_handle, event->handle, event->handle_size);
	for (size_t i = 0; i < notices->watched.count; i++) {
		const struct embargo_watched *watched = &notices->watched.array[i];
		_cleanup_close_ int fd = -1;
		int root;

		if (watched->by != EMBARGO_WATCHED_BY_HANDLES ||
		    memcmp(&watched->fsid, event->fsid, sizeof(watched->fsid)))
			continue;
		root = open_root(roots, watched);
		if (root < 0)
			continue;
		fd = open_by_handle_at(root, &handle.handle, O_PATH | O_CLOEXEC);
		error = fd < 0 ? -errno : tell(notices, event, fd);
	}
	return error;
}

static int open_file(const struct embargo_notices *notices, const struct event *event)
{
	char path[PATH_MAX];
	struct stat status;

	if (fstat(event->fd, &status) || !S_ISREG(status.st_mode)) {
		close(event->fd);
		return 0;
	}
	notices->callbacks.file(notices->context, event->fd, path_of(event->fd, path));
	return 0;
}

static bool is_out_of_descriptors(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

static void take(const struct embargo_notices *notices, const struct event *event,
		 struct roots *roots)
{
	const bool is_lost = event->mask & FAN_Q_OVERFLOW;
	int error = 0;

	if (event->pid == getpid())
		embargo_cleanup_close(&event->fd);
	else if (event->fd >= 0)
		error = open_file(notices, event);
	else if (event->handle)
		error = open_handle(notices, event, roots);
	/* A file that has gone meanwhile is nobody's loss. */
	if (is_lost || is_out_of_descriptors(error))
		notices->callbacks.overflow(notices->context);
}

int embargo_notices_take(struct embargo_notices *notices, int fd)
{
	_Alignas(struct fanotify_event_metadata) uint8_t buffer[EMBARGO_NOTICES_BYTES];
	_cleanup_(close_roots) struct roots roots = { .fds = { -1, -1, -1, -1 } };
	/* Each of these brings a descriptor with it. */
	const size_t size = fd == notices->by_files
				    ? EMBARGO_NOTICES_AT_ONCE * FAN_EVENT_METADATA_LEN
				    : sizeof(buffer);
	const ssize_t got = read(fd, buffer, size);
	struct embargo_cursor cursor;
	struct event event;
	int taken = 0;

	if (got < 0) {
		switch (errno) {
		case EBADF:
		case EINVAL:
		case EFAULT:
			return -errno;
		}
		/* What could not be opened for us is lost, and nobody knows what it was. */
		if (is_out_of_descriptors(-errno))
			notices->callbacks.overflow(notices->context);
		return 0;
	}
	cursor = embargo_cursor_make(buffer, got);
	while (embargo_cursor_left(&cursor)) {
		if (!read_event(&cursor, &event))
			return -EPROTO;
		take(notices, &event, &roots);
		taken++;
	}
	return taken;
}
