// SPDX-License-Identifier: GPL-2.0-or-later
/* mmap_file: libraries, `ld.so FILE`, dlopen; and any mapping of a file whose size a sized digest
 * has. */
#include "kernel.h"

#define MAY_SLEEP
#include <bpf/bpf_tracing.h>

#include "evaluate.h"

SEC("lsm.s/mmap_file")
int BPF_PROG(map, struct file *file, unsigned long asked, unsigned long granted,
	     unsigned long flags, int earlier)
{
	bool executes = granted & PROT_EXEC;

	if (earlier || !file)
		return earlier;
	return evaluate(file, EMBARGO_OPERATION_MAP,
			executes ? EMBARGO_SCOPE_MAP_EXEC : EMBARGO_SCOPE_MAP_DATA, executes);
}
