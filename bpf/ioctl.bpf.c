// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file_ioctl, file_ioctl_compat: the few commands by which a file's bytes change and its stamp does
 * not, so that its label would outlive what it says. Only the host's root may give them.
 *
 * What else could be done is worse. The file that changes is named in the caller's memory, which
 * the kernel reads only after the hook and not before the caller lets it: no label can be taken
 * away then, nor all of the file system's, that is not made anew before the change. And a program
 * on the file system's own function is skipped while another task is preempted in it.
 */
#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "filesystem.h"

/* Root of a user namespace of its own is not the host's. */
static __noinline bool is_host_admin(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	const struct cred *cred = BPF_CORE_READ(task, cred);
	__u32 effective = 0;

	if (BPF_CORE_READ(cred, user_ns, parent))
		return false;
	bpf_core_read(&effective, sizeof(effective), &cred->cap_effective);
	return effective & (1U << CAP_SYS_ADMIN);
}

static __always_inline bool is_hiding(struct file *file, __u32 command)
{
	struct super_block *filesystem = file->f_inode->i_sb;

	return embargo_filesystem_hides_change(filesystem->s_magic,
					       !!(filesystem->s_flags & SB_I_VERSION), command);
}

SEC("lsm/file_ioctl")
int BPF_PROG(ioctl, struct file *file, unsigned int command, unsigned long argument, int earlier)
{
	if (earlier || !is_hiding(file, command) || is_host_admin())
		return earlier;
	return -EPERM;
}

/* For 32-bit programs, on kernels that call another hook for those. */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(ioctl_compat, struct file *file, unsigned int command, unsigned long argument,
	     int earlier)
{
	if (earlier || !is_hiding(file, command) || is_host_admin())
		return earlier;
	return -EPERM;
}
