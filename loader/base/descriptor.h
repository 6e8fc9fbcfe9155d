/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files: handed to another process over a Unix socket that keeps messages apart, and their
 * names. */
#ifndef EMBARGO_BASE_DESCRIPTOR_H
#define EMBARGO_BASE_DESCRIPTOR_H

#include <limits.h>
#include <stddef.h>

/* A classifier's request has two, the file and where to answer; no other message has more. */
#define EMBARGO_DESCRIPTORS_MAX 2

/*
 * Sends a message of @byte and the @count descriptors at @fds, which stay the caller's; @flags are
 * those of sendmsg(2), to which MSG_NOSIGNAL is added. Errors: as sendmsg(2).
 */
int embargo_descriptor_send(int socket, int flags, char byte, const int *fds, size_t count);

/*
 * Takes a message of one byte that has @count descriptors or none. Returns how many it had: those
 * are the caller's, and closed on exec. @flags are those of recvmsg(2); a signal does not end the
 * wait. Errors, after which no descriptor stays open and the outputs are as they were: -EBADMSG
 * where there are fewer or more of them, there was no room for all (no descriptors left, too), or
 * the message is longer; -EPIPE where the other side has closed; or as recvmsg(2).
 */
int embargo_descriptor_receive(int socket, int flags, char *byte, int *fds, size_t count);

/*
 * The path that the kernel has for the open file @fd, with " (deleted)" behind one that has gone.
 * Needs /proc. Errors, after which @path is as it was or holds what means nothing: -ENAMETOOLONG
 * where it does not fit with its NUL, or as readlink(2).
 */
int embargo_descriptor_path(int fd, char path[static PATH_MAX]);

#endif
