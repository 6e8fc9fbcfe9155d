// SPDX-License-Identifier: GPL-2.0-or-later
/* Marking file systems for notices, and keeping up with mounts. */
#include "loader/watch/notices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/watch/notices_read.h"

/* A file that is made and written is told when it is closed; FAN_CREATE is for another name of one.
 * FAN_ONDIR is for folders that are moved. */
#define BY_HANDLES (FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_CREATE | FAN_ONDIR)
#define BY_FILES   FAN_CLOSE_WRITE

/* Never marked: to take it from a mark changes nothing, and fails where there is no mark. */
#define PROBE FAN_ATTRIB

/* Not to wait for a FIFO or a lease, nor to move a time; not to be inherited. */
#define EVENT_FLAGS (O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME | O_NONBLOCK)

static int open_group(unsigned int reports, int *fd)
{
	const int opened = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK |
						 FAN_UNLIMITED_MARKS | reports,
					 EVENT_FLAGS);

	if (opened < 0)
		return -errno;
	*fd = opened;
	return 0;
}

int embargo_notices_open(const struct embargo_notices_callbacks *callbacks, void *context,
			 struct embargo_notices **notices, struct embargo_diagnostic *diagnostic)
{
	struct embargo_notices *opened = calloc(1, sizeof(*opened));
	int error;

	if (!opened)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	*opened = (struct embargo_notices) {
		.callbacks = *callbacks,
		.context = context,
		.by_handles = -1,
		.by_files = -1,
		.mounts = -1,
	};
	error = open_group(FAN_REPORT_DFID_NAME_TARGET, &opened->by_handles);
	if (!error)
		error = open_group(0, &opened->by_files);
	if (error) {
		embargo_diagnostic_what(diagnostic, error, "cannot ask for notices of files: %s",
					strerror(-error));
		embargo_diagnostic_remedy(diagnostic,
					  "fanotify needs CAP_SYS_ADMIN and Linux 5.17 or later");
	} else {
		error = embargo_mounts_watch(&opened->mounts);
		if (error)
			embargo_diagnostic_what(diagnostic, error, "cannot watch the mounts: %s",
						strerror(-error));
	}
	if (error) {
		embargo_notices_close(opened);
		return error;
	}
	*notices = opened;
	return 0;
}

void embargo_notices_close(struct embargo_notices *notices)
{
	if (!notices)
		return;
	embargo_cleanup_close(&notices->by_handles);
	embargo_cleanup_close(&notices->by_files);
	embargo_cleanup_close(&notices->mounts);
	embargo_watched_free(&notices->watched);
	free(notices);
}

size_t embargo_notices_fds(const struct embargo_notices *notices,
			   struct pollfd fds[EMBARGO_NOTICES_FDS])
{
	fds[0] = (struct pollfd) { .fd = notices->by_handles, .events = POLLIN };
	fds[1] = (struct pollfd) { .fd = notices->by_files, .events = POLLIN };
	fds[2] = (struct pollfd) { .fd = notices->mounts, .events = POLLPRI };
	return 3;
}

static bool is_marked(int group, const char *path)
{
	return !fanotify_mark(group, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM, PROBE, AT_FDCWD, path);
}

static int mark(int group, uint64_t mask, const char *path)
{
	return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask, AT_FDCWD, path)
		       ? -errno
		       : 0;
}

/* Says what the file system at @path is marked by, after marking it where it is not. */
static int watch(const struct embargo_notices *notices, const char *path,
		 enum embargo_watched_by *by, bool *is_new)
{
	int error;

	*is_new = false;
	*by = EMBARGO_WATCHED_BY_HANDLES;
	if (is_marked(notices->by_handles, path))
		return 0;
	*by = EMBARGO_WATCHED_BY_FILES;
	if (is_marked(notices->by_files, path))
		return 0;
	*is_new = true;
	*by = EMBARGO_WATCHED_BY_HANDLES;
	if (!mark(notices->by_handles, BY_HANDLES, path))
		return 0;
	/* Without handles, or with those of another part: EOPNOTSUPP, ENODEV, EXDEV. */
	*by = EMBARGO_WATCHED_BY_FILES;
	error = mark(notices->by_files, BY_FILES, path);
	if (error)
		*by = EMBARGO_WATCHED_BY_NONE;
	return error;
}

/* What look_at() returns, which is no -errno. */
#define OUT_OF_TIME 1

struct look {
	struct embargo_notices *notices;
	struct embargo_watched_table now;
	bool is_elsewhere; /* the namespace that is looked at */
	int64_t until;	   /* CLOCK_MONOTONIC, ns: when that has to end */
	bool is_full;
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int look_at(void *context, const struct embargo_mount *mount)
{
	struct look *look = context;
	const struct embargo_notices *notices = look->notices;
	struct embargo_watched found = { .mount = *mount, .is_elsewhere = look->is_elsewhere };
	const struct embargo_watched *before;
	_cleanup_close_ int fd = -1;
	struct statfs filesystem;
	struct stat status;
	char path[64];
	bool is_new;
	int error;

	if (look->is_elsewhere && now() > look->until)
		return OUT_OF_TIME;
	if (embargo_watched_find(&look->now, mount))
		return 0;
	error = embargo_mounts_open(mount, &fd);
	if (error || fstat(fd, &status) || (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) ||
	    fstatfs(fd, &filesystem))
		return -EAGAIN;
	found.fsid = filesystem.f_fsid;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	before = embargo_watched_find(&notices->watched, mount);
	if (look->now.count >= EMBARGO_NOTICES_FILESYSTEMS) {
		if (!before && !notices->is_full && !look->is_full)
			notices->callbacks.unwatched(notices->context, mount->path, mount->type,
						     -ENOSPC);
		look->is_full = true;
		return 0;
	}
	error = watch(notices, path, &found.by, &is_new);
	if (embargo_watched_add(&look->now, &found))
		return -ENOMEM;
	if (error ? before && before->by == EMBARGO_WATCHED_BY_NONE : before && !is_new)
		return 0;
	if (error)
		notices->callbacks.unwatched(notices->context, mount->path, mount->type, error);
	else
		notices->callbacks.mounted(notices->context, mount->path);
	return 0;
}

static int look_into(void *context, pid_t pid)
{
	const int error = embargo_mounts_each(pid, look_at, context);

	/* It may have ended meanwhile. */
	return error == -ENOMEM || error == OUT_OF_TIME ? error : 0;
}

/* What other namespaces had at the last look. */
static int keep_elsewhere(struct look *look)
{
	const struct embargo_watched_table *before = &look->notices->watched;
	int error = 0;

	for (size_t i = 0; i < before->count && !error; i++)
		if (before->array[i].is_elsewhere &&
		    !embargo_watched_find(&look->now, &before->array[i].mount))
			error = embargo_watched_add(&look->now, &before->array[i]);
	return error == -ENOSPC ? 0 : error;
}

/* A look that had no time for all is gone on with at the next one. */
static int look_elsewhere(struct look *look)
{
	struct embargo_notices *notices = look->notices;
	const bool is_first = !notices->begin;
	int error;

	look->is_elsewhere = true;
	look->until = now() + EMBARGO_NOTICES_LOOK_MS * 1000000LL;
	error = embargo_mounts_each_namespace(&notices->begin, look_into, look);
	if (error < 0)
		return error;
	return is_first && !notices->begin ? 0 : keep_elsewhere(look);
}

/* The own namespace comes first: what a user mounts in one of his leaves the host's alone. */
static int look(struct embargo_notices *notices, bool everywhere)
{
	struct look look = { .notices = notices };
	int error = embargo_mounts_each(0, look_at, &look);

	if (!error)
		error = everywhere ? look_elsewhere(&look) : keep_elsewhere(&look);
	if (error) {
		embargo_watched_free(&look.now);
		return error;
	}
	embargo_watched_free(&notices->watched);
	notices->watched = look.now;
	notices->is_full = look.is_full;
	return 0;
}

int embargo_notices_look(struct embargo_notices *notices)
{
	return look(notices, true);
}

void embargo_notices_each_mount(struct embargo_notices *notices)
{
	for (size_t i = 0; i < notices->watched.count; i++)
		notices->callbacks.mounted(notices->context, notices->watched.array[i].mount.path);
}

int embargo_notices_read(struct embargo_notices *notices, int fd)
{
	if (fd == notices->mounts)
		return look(notices, false);
	return embargo_notices_take(notices, fd);
}
