// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_read_file: modules, firmware and kernel images that the kernel reads from a file. */
#include "kernel.h"

#define MAY_SLEEP
#include <bpf/bpf_tracing.h>

#include "evaluate.h"

SEC("lsm.s/kernel_read_file")
int BPF_PROG(kernel_read, struct file *file, enum kernel_read_file_id id, bool whole, int earlier)
{
	if (earlier)
		return earlier;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return evaluate(file, EMBARGO_OPERATION_MODULE,
				ima_digests() ? EMBARGO_SCOPE_MODULE : SCOPE_PATHS_ONLY);
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_FIRMWARE))
		return evaluate(file, EMBARGO_OPERATION_FIRMWARE, EMBARGO_SCOPE_FIRMWARE);
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE))
		return evaluate(file, EMBARGO_OPERATION_KEXEC, EMBARGO_SCOPE_KEXEC);
	return 0;
}
