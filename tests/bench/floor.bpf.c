// SPDX-License-Identifier: GPL-2.0-or-later
/* Empty programs on embargo's hooks: what any BPF LSM costs there, whatever it does. */
#include "bpf/kernel.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

SEC("lsm.s/bprm_check_security")
int BPF_PROG(exec, struct linux_binprm *bprm, int earlier)
{
	return earlier;
}

SEC("lsm.s/mmap_file")
int BPF_PROG(map, struct file *file, unsigned long asked, unsigned long granted,
	     unsigned long flags, int earlier)
{
	return earlier;
}

SEC("lsm/file_ioctl")
int BPF_PROG(ioctl, struct file *file, unsigned int command, unsigned long argument, int earlier)
{
	return earlier;
}

SEC("lsm/file_mprotect")
int BPF_PROG(mprotect, struct vm_area_struct *vma, unsigned long asked, unsigned long granted,
	     int earlier)
{
	return earlier;
}
