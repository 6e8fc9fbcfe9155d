// SPDX-License-Identifier: GPL-2.0-or-later
/* The lock file: one byte for each presence. */
#include "loader/base/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"

#define LOCK_FILE EMBARGO_RUN_FOLDER "/lock"

/* Root's alone: whoever may open it could lock it and so keep the daemon out. */
#define LOCK_MODE 0600

/* A record lock, as only that tells who holds it. */
static struct flock byte_of(enum embargo_presence presence, short type)
{
	return (struct flock) {
		.l_type = type, .l_whence = SEEK_SET, .l_start = presence, .l_len = 1
	};
}

int embargo_presence_claim(enum embargo_presence presence, int *fd)
{
	struct flock lock = byte_of(presence, F_WRLCK);
	_cleanup_close_ int opened = -1;

	if (*fd < 0) {
		if (mkdir(EMBARGO_RUN_FOLDER, 0755) && errno != EEXIST)
			return -errno;
		opened = open(LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
		if (opened < 0)
			return -errno;
	}
	if (fcntl(opened < 0 ? *fd : opened, F_SETLK, &lock))
		return errno == EACCES ? -EAGAIN : -errno;
	if (opened >= 0)
		*fd = TAKE_FD(opened);
	return 0;
}

void embargo_presence_release(enum embargo_presence presence, int fd)
{
	struct flock lock = byte_of(presence, F_UNLCK);

	fcntl(fd, F_SETLK, &lock);
}

pid_t embargo_presence_holder(enum embargo_presence presence)
{
	_cleanup_close_ int fd = open(LOCK_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return embargo_presence_look(presence, fd);
}

pid_t embargo_presence_look(enum embargo_presence presence, int fd)
{
	struct flock lock = byte_of(presence, F_WRLCK);

	if (fcntl(fd, F_GETLK, &lock))
		return -errno;
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}
