// SPDX-License-Identifier: GPL-2.0-or-later
/* Unix sockets of SOCK_SEQPACKET, and who is at their other end. */
#include "loader/base/socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

static int make(const char *path, struct sockaddr_un *address, int *fd)
{
	*address = (struct sockaddr_un) { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return *fd < 0 ? -errno : 0;
}

int embargo_socket_listen_for(const char *path, gid_t group, int backlog, int *fd)
{
	const bool has_group = group != (gid_t)-1;
	struct sockaddr_un address;
	_cleanup_close_ int made = -1;
	int error = make(path, &address, &made);

	if (error)
		return error;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	/* Nobody can connect before it listens, which is after its mode is set. */
	if (bind(made, (struct sockaddr *)&address, sizeof(address)) ||
	    (has_group && lchown(path, (uid_t)-1, group)) || chmod(path, has_group ? 0660 : 0600) ||
	    listen(made, backlog))
		return -errno;
	*fd = TAKE_FD(made);
	return 0;
}

int embargo_socket_listen(const char *path, int backlog, int *fd)
{
	return embargo_socket_listen_for(path, (gid_t)-1, backlog, fd);
}

int embargo_socket_connect(const char *path, int *fd)
{
	struct sockaddr_un address;
	_cleanup_close_ int made = -1;
	int error = make(path, &address, &made);

	if (error)
		return error;
	if (connect(made, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	*fd = TAKE_FD(made);
	return 0;
}

int embargo_socket_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

pid_t embargo_socket_peer(int fd)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) || credentials.uid)
		return 0;
	return credentials.pid;
}
