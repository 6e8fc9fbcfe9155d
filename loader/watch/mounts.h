/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mounted file systems that files can be run from: of this mount namespace and of others. */
#ifndef EMBARGO_WATCH_MOUNTS_H
#define EMBARGO_WATCH_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes of one namespace's table; at some 150 a mount this is 100,000 of them, the kernel's own
 * bound (fs.mount-max). */
#define EMBARGO_MOUNTS_TABLE (16u << 20)

/* Other mount namespaces that are told at once. */
#define EMBARGO_MOUNTS_NAMESPACES 4096

struct embargo_mount {
	uint64_t device;  /* of the superblock, as makedev(3); on btrfs not what stat(2) gives */
	uint64_t id;	  /* of the mount, as STATX_MNT_ID; used again once it is unmounted */
	const char *path; /* of its root from here: below /proc/PID/root in another namespace */
	const char *type; /* of the file system */
	const char *root; /* what of the file system is mounted; "/" is all of it */
};

/*
 * May files of this type of file system be inventoried and marked? Not where there are none
 * (proc, sysfs, cgroup, bpf, ...), where there are devices, which an open may start (devtmpfs), nor
 * where a server elsewhere, or a program, may let us wait for ever: network and FUSE. A type that
 * is not known is local.
 */
bool embargo_mounts_is_local(const char *type);

/* Is the part @root of a file system the part @of, or within it? */
bool embargo_mounts_is_within(const char *root, const char *of);

/*
 * Calls @each for mounts in the namespace of process @pid (0: the caller's) that are local and
 * reachable without passing one that is not: for one of each part of a file system. Where its root
 * is mounted, that is the one, and bind mounts of what is within are not told. Touches none of
 * them. @each returns 0 where it took the mount, -EAGAIN to be given another of the same part;
 * anything else ends it and is handed on. Errors: -errno, -EFBIG.
 */
int embargo_mounts_each(pid_t pid, int (*each)(void *context, const struct embargo_mount *mount),
			void *context);

/*
 * Calls @each for every mount in the caller's namespace that is local, reachable, and mounted below
 * @path (links followed), also where it is of a part that is mounted elsewhere, too. A nonzero
 * return of @each ends it and is handed on. Errors: -errno, -EFBIG.
 */
int embargo_mounts_each_below(const char *path,
			      int (*each)(void *context, const struct embargo_mount *mount),
			      void *context);

/* Is the mount @id of the caller's namespace local and reachable? Returns 1, 0, or -errno: -ENOENT
 * where the table has none of this number, as from within chroot(2) or another namespace. */
int embargo_mounts_id_is_local(uint64_t id);

/*
 * Calls @each with one process of every mount namespace that is not the caller's, from the process
 * behind *@begin on (0: from the first), and leaves there the last that was told; 0 where it came
 * to the end. Needs CAP_SYS_PTRACE for other users' processes. A nonzero return of @each ends it
 * and is handed on. Errors: -errno.
 */
int embargo_mounts_each_namespace(pid_t *begin, int (*each)(void *context, pid_t pid),
				  void *context);

/*
 * Opens the root of @mount with O_PATH: of just this one, not of what has been mounted over it.
 * Errors: -ESTALE where it is hidden, or as open(2).
 */
int embargo_mounts_open(const struct embargo_mount *mount, int *fd);

/*
 * A descriptor that tells of changes in the caller's mount namespace, for epoll with EPOLLPRI. One
 * wait tells of a change once: whoever is told looks at the table anew. Do not nest it in a second
 * epoll, which takes the news away from the first. Returns 0 or -errno.
 */
int embargo_mounts_watch(int *fd);

#endif
