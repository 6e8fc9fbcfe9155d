// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_read_file: modules, firmware and kernel images that the kernel reads from a file. */
#include "kernel.h"

#define MAY_SLEEP
#include <bpf/bpf_tracing.h>

#include "evaluate.h"

/* What the kernel reads @id for; EMBARGO_OPERATION_UNKNOWN: nothing that a rule speaks of. */
static __always_inline __u32 read_operation(enum kernel_read_file_id id)
{
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return EMBARGO_OPERATION_MODULE;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_FIRMWARE))
		return EMBARGO_OPERATION_FIRMWARE;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE))
		return EMBARGO_OPERATION_KEXEC;
	return EMBARGO_OPERATION_UNKNOWN;
}

static __always_inline __u32 read_scope(__u32 operation)
{
	if (operation == EMBARGO_OPERATION_MODULE)
		return ima_digests() ? EMBARGO_SCOPE_MODULE : SCOPE_PATHS_ONLY;
	return operation == EMBARGO_OPERATION_FIRMWARE ? EMBARGO_SCOPE_FIRMWARE
						       : EMBARGO_SCOPE_KEXEC;
}

SEC("lsm.s/kernel_read_file")
int BPF_PROG(kernel_read, struct file *file, enum kernel_read_file_id id, bool whole, int earlier)
{
	__u32 operation = read_operation(id);

	if (earlier || !operation)
		return earlier;
	return evaluate(file, any_value(operation), any_value(read_scope(operation)), false);
}
