// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark: who inherits it and who loses it; and what nobody else does to those that have it. */
#include "guard.h"

#define PTRACE_MODE_ATTACH 0x02

struct kernel_siginfo;
struct fown_struct;
struct rlimit;

SEC("lsm/task_alloc")
int BPF_PROG(guard_fork, struct task_struct *child, unsigned long flags, int earlier)
{
	if (!earlier && task_is_marked((struct task_struct *)bpf_get_current_task_btf()))
		bpf_task_storage_get(&guard_marks, child, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return earlier;
}

/* Another program's code may be anybody's, whatever its file is called. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(guard_exec, struct linux_binprm *bprm)
{
	bpf_task_storage_delete(&guard_marks, (struct task_struct *)bpf_get_current_task_btf());
	return 0;
}

/* Whoever reads hostile bytes becomes nobody before, and with that gives it up. */
SEC("lsm/task_fix_setuid")
int BPF_PROG(guard_setuid, struct cred *fresh, const struct cred *old, int flags, int earlier)
{
	if (!earlier && BPF_CORE_READ(fresh, uid.val))
		bpf_task_storage_delete(&guard_marks,
					(struct task_struct *)bpf_get_current_task_btf());
	return earlier;
}

SEC("lsm/task_kill")
int BPF_PROG(guard_kill, struct task_struct *target, struct kernel_siginfo *info, int number,
	     const struct cred *cred, int earlier)
{
	if (earlier || !number || !task_is_marked(target) || guard_passes() ||
	    guard_is_going_down(guard_state_now()))
		return earlier;
	return guard_refuse(EMBARGO_GUARD_REFUSED_SIGNAL);
}

/* A descriptor that is set to tell of itself by a signal, to whom and by which its holder says. */
SEC("lsm/file_send_sigiotask")
int BPF_PROG(guard_sigio, struct task_struct *target, struct fown_struct *owner, int number,
	     int earlier)
{
	if (earlier || !task_is_marked(target) || guard_passes())
		return earlier;
	return guard_refuse(EMBARGO_GUARD_REFUSED_SIGNAL);
}

/* ptrace(2), /proc/PID/mem, process_vm_writev(2), pidfd_getfd(2). To look is everybody's. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(guard_trace, struct task_struct *target, unsigned int mode, int earlier)
{
	if (earlier || !(mode & PTRACE_MODE_ATTACH) || !task_is_marked(target) || guard_passes())
		return earlier;
	return guard_refuse(EMBARGO_GUARD_REFUSED_TRACE);
}

/* Without descriptors, memory or file sizes it could not go on. */
SEC("lsm/task_setrlimit")
int BPF_PROG(guard_limit, struct task_struct *target, unsigned int resource, struct rlimit *limit,
	     int earlier)
{
	if (earlier || !task_is_marked(target) || guard_passes())
		return earlier;
	return guard_refuse(EMBARGO_GUARD_REFUSED_SIGNAL);
}
