// SPDX-License-Identifier: GPL-2.0-or-later
/* Sending roots of file systems. */
#include "loader/gate/roots.h"

#include <errno.h>
#include <sys/socket.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/watch/mounts.h"

struct sending {
	int gate;
	int error;
};

static int on_mount(void *context, const struct embargo_mount *mount)
{
	struct sending *sending = context;
	_cleanup_close_ int root = -1;

	/* Hidden by another mount, or gone: there may be a second mount of the same. */
	if (embargo_mounts_open(mount, &root))
		return -EAGAIN;
	sending->error = embargo_descriptor_send(sending->gate, 0, 0, &root, 1);
	return sending->error ? -ECANCELED : 0;
}

static int on_namespace(void *context, pid_t pid)
{
	struct sending *sending = context;

	/* A process that ends meanwhile takes its table with it. */
	embargo_mounts_each(pid, on_mount, sending);
	return sending->error ? -ECANCELED : 0;
}

int embargo_roots_send(int gate, bool everywhere)
{
	struct sending sending = { .gate = gate };
	pid_t begin = 0;
	int error = embargo_mounts_each(0, on_mount, &sending);

	if (!error && everywhere)
		error = embargo_mounts_each_namespace(&begin, on_namespace, &sending);
	if (!error && !sending.error && send(gate, "", 1, MSG_NOSIGNAL) < 0)
		error = -errno;
	return sending.error ? sending.error : error;
}
