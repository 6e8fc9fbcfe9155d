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
#include "signer.h"

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

/* Does any rule speak of the content of modules? */
static __always_inline bool modules_listed(void)
{
	__u64 number;
	struct embargo_generation *head = generation_current(&number);

	return head && (((head->sized_scopes | head->unsized_scopes) & EMBARGO_SCOPE_MODULE) ||
			head->signer_count);
}

/* Decides by one generation, whole; signers come last, and then what is waived. */
static __always_inline void decide_buffer(struct judgement *judgement, __u32 slot)
{
	for (int i = 0; i < RELOAD_TRIES; i++) {
		judgement_decide(slot);
		if (judgement->request.state == DIGEST_MISSING)
			return;
		signers_match(slot);
		if (judgement->decision.verdict == EMBARGO_VERDICT_DENY)
			waivers_settle(slot);
		if (current_generation == judgement->number)
			return;
		count(EMBARGO_COUNTER_RETRIED);
	}
}

static __always_inline void digest_buffer(const char *buffer, struct request *request)
{
	if (request->size > EMBARGO_BUFFER_MAX) {
		request->state = DIGEST_FAILED;
		request->error = -EFBIG;
	} else if (sha256_buffer(buffer, request->size, &request->digest)) {
		request->state = DIGEST_FAILED;
		request->error = -EINVAL;
	} else {
		request->state = DIGEST_KNOWN;
		count(EMBARGO_COUNTER_HASHED);
	}
}

/*
 * As judge(), for a module in a buffer: its signers count too. Paths do not: where there is a
 * @file, they were matched when it was opened. Who is told of a signer wants to know which module
 * it was, also where no rule asks for its digest.
 */
static __always_inline int judge_buffer(struct file *file, const char *buffer, bool is_whole,
					struct request *request)
{
	__u32 slot;
	struct judgement *judgement = judgement_begin(file, request, &slot);

	if (!judgement)
		return 0;
	if (!is_whole)
		judgement->facts.arrival_unknown = 1;
	judgement->mount = NULL;
	judgement->dentry = NULL;
	judgement->signing.buffer = (__u64)buffer;
	judgement->signing.size = request->size;
	decide_buffer(judgement, slot);
	if (judgement->decision.verdict >= EMBARGO_VERDICT_AUDIT &&
	    judgement->request.state == DIGEST_NOT_WANTED)
		digest_buffer(buffer, &judgement->request);
	return judgement_end(file, judgement, slot, request);
}

/* @file is the one that the buffer came from, where there is one; @is_whole: as it is. */
static __noinline int evaluate_buffer(struct file *file, const char *buffer, __s64 size,
				      __u32 scope, bool is_whole)
{
	struct request request = { .operation = EMBARGO_OPERATION_MODULE,
				   .scope = any_value(scope),
				   .size = size };
	__u64 number;
	struct embargo_generation *head = generation_current(&number);
	bool is_sought;
	int result = 0;

	if (!head)
		return 0;
	count(EMBARGO_COUNTER_CHECKED);
	if (digest_wanted(head, number, size, request.scope))
		request.state = DIGEST_MISSING;
	else if (head->sized_scopes & request.scope)
		count(EMBARGO_COUNTER_SIZE_FILTERED);
	if (request.state == DIGEST_NOT_WANTED && !head->signer_count)
		return 0;
	for (int i = 0; i < 2; i++) {
		is_sought = request.state == DIGEST_SOUGHT;
		if (digest_lacks(&request))
			digest_buffer(buffer, &request);
		if (is_sought && request.state != DIGEST_KNOWN)
			request.state = DIGEST_UNLABELLED;
		result = judge_buffer(file, buffer, is_whole, &request);
		if (!digest_lacks(&request))
			break;
	}
	return result;
}

/*
 * A file that the kernel has read as it is was judged by its digest when it was opened, where IMA
 * digests files. Before 6.19 a module that the kernel is asked to decompress would be decompressed
 * unseen; there -ENOSYS sends kmod and busybox the old way, to decompress themselves and call
 * init_module(2).
 */
SEC("lsm/kernel_post_read_file")
int BPF_PROG(kernel_post_read, struct file *file, char *buffer, __s64 size,
	     enum kernel_read_file_id id, int earlier)
{
	bool is_whole;

	if (earlier)
		return earlier;
	if (id != bpf_core_enum_value(enum kernel_read_file_id, READING_MODULE))
		return 0;
	if (hand_back_compressed && is_compressed(buffer, size))
		return modules_listed() ? -ENOSYS : 0;
	is_whole = BPF_CORE_READ(file, f_inode, i_size) == size;
	return evaluate_buffer(file, buffer, size,
			       is_whole && ima_digests() ? SCOPE_PATHS_ONLY : EMBARGO_SCOPE_MODULE,
			       any_value(is_whole));
}

SEC("lsm/kernel_post_load_data")
int BPF_PROG(kernel_post_load, char *buffer, __s64 size, enum kernel_load_data_id id,
	     char *description, int earlier)
{
	if (earlier)
		return earlier;
	if (id != bpf_core_enum_value(enum kernel_load_data_id, LOADING_MODULE))
		return 0;
	return evaluate_buffer(NULL, buffer, size, EMBARGO_SCOPE_MODULE, false);
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
