/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notices of files that were written, moved or linked, and of file systems that were mounted:
 * fanotify lives here. */
#ifndef EMBARGO_WATCH_NOTICES_H
#define EMBARGO_WATCH_NOTICES_H

#include <poll.h>
#include <stddef.h>

#include "loader/base/diagnostic.h"

/* Superblocks that are marked: a node with thousands of containers has a few for each. */
#define EMBARGO_NOTICES_FILESYSTEMS 16384

/* Time for other mount namespaces in one look: a user can make many, with much in each. */
#define EMBARGO_NOTICES_LOOK_MS 100

/* Notices in one call of embargo_notices_read(): as many open files at most, or as many bytes of
 * events, at some 150 each. */
#define EMBARGO_NOTICES_AT_ONCE 64
#define EMBARGO_NOTICES_BYTES	(8u << 10)

/* embargo_notices_fds() never gives more. */
#define EMBARGO_NOTICES_FDS 3

/*
 * How it works. One fanotify group marks whole superblocks, so that other mount namespaces are
 * covered, and reports files by handle (FAN_REPORT_DFID_NAME_TARGET, 5.17): an event in its queue
 * holds no mount, so that umount(8) never finds one busy for our sake, and the kernel opens nothing
 * for us. That matters: a device node may be what was closed after writing, and to open a watchdog
 * is to start it. What a handle names is opened with O_PATH first, and for reading only when it is
 * a regular file. A file system without such handles (overlay; subvolumes of btrfs before 6.8) is
 * marked in a second group, where the kernel opens files itself (without blocking) and neither
 * moved nor linked files are told; those of an overlay are told of its upper layer. There an
 * event that is not read yet does hold its mount. A mark holds none.
 *
 * Both queues are the kernel's bounded ones (fs.fanotify.max_queued_events, 16384).
 */
struct embargo_notices;

struct embargo_notices_callbacks {
	/*
	 * A regular file was closed after writing, moved or linked here. @fd is open for reading,
	 * at its start, and the receiver's to close: at once, as an open file keeps its file system
	 * from being unmounted. @path is for people: where the file was found, which in another
	 * mount namespace means its own root.
	 */
	void (*file)(void *context, int fd, const char *path);

	/* A folder was moved here: what is in it has other paths now. */
	void (*folder)(void *context, const char *path);

	/*
	 * A file system is watched from now on (the first time: each that is mounted). What is on
	 * it has to be inventoried: the files of an image were never written here. @path is its
	 * root, for embargo_inventory_add().
	 */
	void (*mounted)(void *context, const char *path);

	/* A local file system that cannot be watched, once; it has to be inventoried all the same.
	 * @error: -errno, -ENOSPC where there are too many. */
	void (*unwatched)(void *context, const char *path, const char *type, int error);

	/* Notices were lost: everything has to be inventoried again. */
	void (*overflow)(void *context);
};

/*
 * @context outlives the notices. Marks nothing yet. Needs CAP_SYS_ADMIN. Errors: -errno, told in
 * @diagnostic.
 */
int embargo_notices_open(const struct embargo_notices_callbacks *callbacks, void *context,
			 struct embargo_notices **notices, struct embargo_diagnostic *diagnostic);
void embargo_notices_close(struct embargo_notices *notices);

/*
 * The descriptors to wait on and the events to wait for: those of poll(2) are those of epoll. The
 * last is that of the mounts, which is always readable and tells of a change by POLLPRI. In no
 * epoll within another. Returns their number.
 */
size_t embargo_notices_fds(const struct embargo_notices *notices,
			   struct pollfd fds[EMBARGO_NOTICES_FDS]);

/*
 * @fd is ready: takes some notices from it, or looks at the mounts. Does not wait. Events of the
 * calling process itself are passed over. Needs CAP_DAC_READ_SEARCH. Returns how many events were
 * taken, or -errno of a failure that will stay.
 */
int embargo_notices_read(struct embargo_notices *notices, int fd);

/*
 * Marks each local file system that is not marked yet, and tells of it through `mounted`: at the
 * start, and then every few seconds, as mounts in other namespaces tell nobody. Without
 * CAP_SYS_PTRACE it looks only into those that the caller's own processes are in. Returns 0 or
 * -errno.
 */
int embargo_notices_look(struct embargo_notices *notices);

/* Calls `mounted` for each that is watched or unwatched: for an inventory after an overflow. */
void embargo_notices_each_mount(struct embargo_notices *notices);

#endif
