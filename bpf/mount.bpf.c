// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sb_kern_mount: a file system is mounted, perhaps with other bytes than when it was last here.
 * What was remembered by the address of its inodes is of that time.
 */
#include "kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "maps.h"

SEC("lsm/sb_kern_mount")
int BPF_PROG(mount, struct super_block *filesystem, int earlier)
{
	__sync_fetch_and_add(&mounted[mounted_slot(filesystem->s_dev)], 1);
	return earlier;
}
