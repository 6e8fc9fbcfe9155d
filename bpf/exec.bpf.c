// SPDX-License-Identifier: GPL-2.0-or-later
/* bprm_check_security: runs for the file of execve(2) and again for each interpreter, so scripts
 * come through too. */
#include "kernel.h"

#define MAY_SLEEP
#include <bpf/bpf_tracing.h>

#include "evaluate.h"

/* The kind of program by the first bytes, which the kernel has just read for itself. */
static __always_inline __u32 exec_scope(struct linux_binprm *bprm)
{
	char a = bprm->buf[0], b = bprm->buf[1];

	if (a == 0x7f && b == 'E' && bprm->buf[2] == 'L' && bprm->buf[3] == 'F')
		return EMBARGO_SCOPE_EXEC_ELF;
	if (a == 'M' && b == 'Z')
		return EMBARGO_SCOPE_EXEC_PE;
	if (a == '#' && b == '!')
		return EMBARGO_SCOPE_EXEC_SCRIPT;
	return EMBARGO_SCOPE_EXEC_OTHER;
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(exec, struct linux_binprm *bprm, int earlier)
{
	if (earlier)
		return earlier;
	return evaluate(bprm->file, EMBARGO_OPERATION_EXEC, any_value(exec_scope(bprm)), true);
}
