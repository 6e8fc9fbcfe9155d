// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel_post_read_file, kernel_post_load_data: a module is in the kernel's buffer, decompressed or
 * handed over from memory, and is hashed there. kernel_load_data: kexec_load(2), which has neither
 * file nor buffer.
 */
#include "kernel.h"

#include <bpf/bpf_tracing.h>

#include "evaluate.h"
#include "sha256.h"

/* The first bytes of xz, zstd and gzip. */
static __always_inline bool is_compressed(const char *buffer, __s64 size)
{
	__u8 magic[4];

	if (size < (__s64)sizeof(magic) || bpf_probe_read_kernel(magic, sizeof(magic), buffer))
		return false;
	return (magic[0] == 0xfd && magic[1] == '7' && magic[2] == 'z') ||
	       (magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd) ||
	       (magic[0] == 0x1f && magic[1] == 0x8b);
}

static __always_inline bool modules_listed(void)
{
	__u64 number;
	struct embargo_generation *head = generation_current(&number);

	return head && ((head->sized_scopes | head->unsized_scopes) & EMBARGO_SCOPE_MODULE);
}

static __noinline int evaluate_buffer(const char *buffer, __s64 size)
{
	struct request request = { .operation = EMBARGO_OPERATION_MODULE,
				   .scope = EMBARGO_SCOPE_MODULE };
	__u64 number;
	struct embargo_generation *head = generation_current(&number);

	if (!head)
		return 0;
	count(EMBARGO_COUNTER_CHECKED);
	request.size = size;
	if (!digest_wanted(head, number, size, EMBARGO_SCOPE_MODULE)) {
		if (head->sized_scopes & EMBARGO_SCOPE_MODULE)
			count(EMBARGO_COUNTER_SIZE_FILTERED);
		return 0;
	}
	if (size > EMBARGO_BUFFER_MAX) {
		request.state = DIGEST_FAILED;
		request.error = -EFBIG;
	} else if (sha256_buffer(buffer, size, &request.digest)) {
		request.state = DIGEST_FAILED;
		request.error = -EINVAL;
	} else {
		request.state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_HASHED);
	}
	return judge(NULL, &request);
}

/*
 * A buffer as large as its file is that file, judged at kernel_read_file (where IMA digests files).
 * A larger one is its decompressed form: from 6.19 on this hook is called for it. Kernels before
 * decompress unseen; there -ENOSYS sends kmod and busybox the old way, to decompress themselves and
 * call init_module(2).
 */
SEC("lsm/kernel_post_read_file")
int BPF_PROG(kernel_post_read, struct file *file, char *buffer, __s64 size,
	     enum kernel_read_file_id id, int earlier)
{
	if (earlier)
		return earlier;
	if (id != bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return 0;
	if (compressed_unseen && is_compressed(buffer, size))
		return modules_listed() ? -ENOSYS : 0;
	if (ima_digests() && BPF_CORE_READ(file, f_inode, i_size) == size)
		return 0;
	return evaluate_buffer(buffer, size);
}

SEC("lsm/kernel_post_load_data")
int BPF_PROG(kernel_post_load, char *buffer, __s64 size, enum kernel_load_data_id id,
	     char *description, int earlier)
{
	if (earlier)
		return earlier;
	if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_MODULE))
		return 0;
	return evaluate_buffer(buffer, size);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(kernel_load, enum kernel_load_data_id id, bool contents, int earlier)
{
	struct request request = { .operation = EMBARGO_OPERATION_KEXEC, .state = DIGEST_UNSEEN };

	if (earlier)
		return earlier;
	if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_KEXEC_IMAGE))
		return 0;
	return judge(NULL, &request);
}
