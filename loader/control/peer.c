// SPDX-License-Identifier: GPL-2.0-or-later
/* Peers: SO_PEERCRED, SO_PEERGROUPS, and the user namespace of a process that is held meanwhile. */
#include "loader/control/peer.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"

/* From Linux 6.5 on; not in older headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

gid_t embargo_control_group_find(void)
{
	_cleanup_fclose_ FILE *file = fopen("/etc/group", "re");
	const struct group *group;

	while (file && (group = fgetgrent(file)))
		if (!strcmp(group->gr_name, EMBARGO_CONTROL_GROUP))
			return group->gr_gid;
	return EMBARGO_CONTROL_NO_GROUP;
}

/* Before 6.5 by its number: it may be another's by now only where who connected has gone. */
static int hold(int socket, pid_t pid)
{
	socklen_t size = sizeof(int);
	int fd = -1;

	if (!getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &size))
		return fd;
	return errno == ENOPROTOOPT ? pidfd_open(pid, 0) : -1;
}

static bool has_ended(int process)
{
	struct pollfd ended = { .fd = process, .events = POLLIN };

	return poll(&ended, 1, 0) != 0;
}

/* Held from before it is looked at: a number that has become another's would look like one. */
static bool is_of_our_namespace(int socket, pid_t pid)
{
	_cleanup_close_ int process = pid > 0 ? hold(socket, pid) : -1;
	struct stat own, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	return process >= 0 && !stat("/proc/self/ns/user", &own) && !stat(path, &theirs) &&
	       own.st_dev == theirs.st_dev && own.st_ino == theirs.st_ino && !has_ended(process);
}

static bool is_among(int socket, gid_t group)
{
	static gid_t groups[EMBARGO_CONTROL_GROUPS];
	socklen_t size = sizeof(groups);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool is_member(int socket, gid_t group, gid_t primary)
{
	return group != EMBARGO_CONTROL_NO_GROUP && (primary == group || is_among(socket, group));
}

void embargo_control_peer_find(int socket, gid_t group, struct embargo_control_peer *peer)
{
	struct ucred credentials = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(credentials);
	bool is_known = !getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size);

	*peer = (struct embargo_control_peer) { .pid = credentials.pid, .uid = credentials.uid };
	if (!is_known || !is_of_our_namespace(socket, credentials.pid))
		return;
	if (!credentials.uid)
		peer->rank = EMBARGO_CONTROL_ROOT;
	else if (is_member(socket, group, credentials.gid))
		peer->rank = EMBARGO_CONTROL_READER;
}
