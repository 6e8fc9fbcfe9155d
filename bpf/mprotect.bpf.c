// SPDX-License-Identifier: GPL-2.0-or-later
/* file_mprotect: a mapping turns executable. It cannot sleep and so not hash: it uses the label
 * that it finds. */
#include "kernel.h"

#include <bpf/bpf_tracing.h>

#include "evaluate.h"

SEC("lsm/file_mprotect")
int BPF_PROG(mprotect, struct vm_area_struct *vma, unsigned long asked, unsigned long granted,
	     int earlier)
{
	struct file *file = vma->vm_file;

	if (earlier || !file || !(granted & PROT_EXEC))
		return earlier;
	return evaluate(file, EMBARGO_OPERATION_MAP, EMBARGO_SCOPE_MAP_EXEC, true);
}
