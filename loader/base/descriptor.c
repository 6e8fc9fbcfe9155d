// SPDX-License-Identifier: GPL-2.0-or-later
/* Descriptors as ancillary data (unix(7), SCM_RIGHTS), and what /proc has of them. */
#include "loader/base/descriptor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	char buffer[CMSG_SPACE(EMBARGO_DESCRIPTORS_MAX * sizeof(int))];
	struct cmsghdr align;
};

int embargo_descriptor_send(int socket, int flags, char byte, const int *fds, size_t count)
{
	union control control = { .buffer = { 0 } };
	struct iovec data = { &byte, sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (!count || count > EMBARGO_DESCRIPTORS_MAX)
		return -EINVAL;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	return sendmsg(socket, &message, flags | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Where the descriptors of a message stand, and how many: the room for one is that for two, as
 * CMSG_SPACE() rounds up. */
static const unsigned char *find(struct msghdr *message, size_t *count)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	while (header && (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS))
		header = CMSG_NXTHDR(message, header);
	*count = header ? (header->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	return header ? CMSG_DATA(header) : NULL;
}

static void refuse(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

int embargo_descriptor_receive(int socket, int flags, char *byte, int *fds, size_t count)
{
	union control control;
	int found[sizeof(control) / sizeof(int)];
	char said;
	struct iovec data = { &said, sizeof(said) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control };
	const unsigned char *bytes;
	ssize_t got;
	size_t had;

	if (!count || count > EMBARGO_DESCRIPTORS_MAX)
		return -EINVAL;
	do {
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got ? -errno : -EPIPE;
	bytes = find(&message, &had);
	if (had)
		memcpy(found, bytes, had * sizeof(int));
	if (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC) || (had && had != count)) {
		refuse(found, had);
		return -EBADMSG;
	}
	*byte = said;
	if (had)
		memcpy(fds, found, had * sizeof(int));
	return (int)had;
}

int embargo_descriptor_path(int fd, char path[static PATH_MAX])
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX);
	if (length < 0)
		return -errno;
	if (length == PATH_MAX)
		return -ENAMETOOLONG;
	path[length] = '\0';
	return 0;
}
