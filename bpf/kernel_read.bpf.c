// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_read_file: modules, firmware and kernel images that the kernel reads from a file. */
#include "kernel.h"

#define MAY_SLEEP
#include <bpf/bpf_tracing.h>

#include "evaluate.h"

SEC("lsm.s/kernel_read_file")
int BPF_PROG(kernel_read, struct file *file, enum kernel_read_file_id id, bool whole, int earlier)
{
	__u32 operation, scope;

	if (earlier)
		return earlier;
	if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE)) {
		operation = EMBARGO_OPERATION_MODULE;
		scope = EMBARGO_SCOPE_MODULE;
	} else if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_FIRMWARE)) {
		operation = EMBARGO_OPERATION_FIRMWARE;
		scope = EMBARGO_SCOPE_FIRMWARE;
	} else if (id == bpf_core_enum_value(enum kernel_read_file_id, READING_KEXEC_IMAGE)) {
		operation = EMBARGO_OPERATION_KEXEC;
		scope = EMBARGO_SCOPE_KEXEC;
	} else {
		return 0;
	}
	return evaluate(file, operation, scope);
}
