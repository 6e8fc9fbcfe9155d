/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end of a control connection, by what the kernel says of them. */
#ifndef EMBARGO_CONTROL_PEER_H
#define EMBARGO_CONTROL_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whose members may read; made by packaging/sysusers.d, and nothing is lost where it is not there.
 */
#define EMBARGO_CONTROL_GROUP "embargo"

/* In the place of a group: there is none. */
#define EMBARGO_CONTROL_NO_GROUP ((gid_t)-1)

/* Groups of one user: as many as the kernel allows (NGROUPS_MAX). */
#define EMBARGO_CONTROL_GROUPS 65536

enum embargo_control_rank {
	EMBARGO_CONTROL_STRANGER = 0, /* may ask nothing */
	EMBARGO_CONTROL_READER,	      /* a member of the group */
	EMBARGO_CONTROL_ROOT,	      /* of the initial user namespace */
};

struct embargo_control_peer {
	pid_t pid;
	uid_t uid;
	enum embargo_control_rank rank;
};

/*
 * Finds who connected @socket, as they were at that moment: user and groups from the socket, and
 * whether they are in this process's user namespace from /proc. Whoever is in another one is a
 * stranger, whatever their number is: root there is not root here. Needs CAP_SYS_PTRACE for root's
 * processes in other namespaces. Where something cannot be told, they are a stranger.
 */
void embargo_control_peer_find(int socket, gid_t group, struct embargo_control_peer *peer);

/*
 * The group by /etc/group alone: no module of the name service is asked, which could open sockets
 * or wait for a server. EMBARGO_CONTROL_NO_GROUP where it is not there.
 */
gid_t embargo_control_group_find(void);

#endif
