/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets on which processes of root's meet: at a path, and keeping messages apart (unix(7)). */
#ifndef EMBARGO_BASE_SOCKET_H
#define EMBARGO_BASE_SOCKET_H

#include <sys/types.h>

/*
 * Listens at @path, in place of what an earlier process left there; nobody but root can connect,
 * not even before the mode is set. Only root may write to the folder of @path. @fd, which does not
 * block, is the caller's. Errors: as socket(2), unlink(2), bind(2), listen(2).
 */
int embargo_socket_listen(const char *path, int backlog, int *fd);

/* The same, where the members of @group, which must be one of this process's own, can connect too;
 * (gid_t)-1: nobody's. */
int embargo_socket_listen_for(const char *path, gid_t group, int backlog, int *fd);

/*
 * Connects to who listens at @path. @fd, which does not block, is the caller's. Errors: -EAGAIN
 * where the queue of who listens is full, or as connect(2).
 */
int embargo_socket_connect(const char *path, int *fd);

/* Takes who waits at the listening socket @listener up, as accept4(2); returns its fd or -errno. */
int embargo_socket_accept(int listener);

/* The process at the other end of @fd, as it was when it connected or listened, where it is root's;
 * 0 where it is not. */
pid_t embargo_socket_peer(int fd);

#endif
