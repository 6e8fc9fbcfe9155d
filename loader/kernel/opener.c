// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark of a process that may open what is banned, set by itself as root. */
#include "loader/kernel/opener.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/abi.h"
#include "loader/base/cleanup.h"
#include "loader/kernel/pins.h"

int embargo_opener_exempt(void)
{
	const struct embargo_opener opener = { .exempt = 1 };
	_cleanup_close_ int map = -1, self = -1;

	map = embargo_pins_open("maps", "openers");
	if (map < 0)
		return map;
	self = pidfd_open(getpid(), 0);
	if (self < 0)
		return -errno;
	return bpf_map_update_elem(map, &self, &opener, BPF_ANY) ? -errno : 0;
}
