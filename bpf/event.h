/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: one record for a verdict of audit or deny, and a count for those that repeat it. */
#ifndef EMBARGO_BPF_EVENT_H
#define EMBARGO_BPF_EVENT_H

#include "decide.h"
#include "label.h"
#include "request.h"

static __always_inline __u32 terminal_device(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);

	if (!tty)
		return 0;
	return BPF_CORE_READ(tty, driver, major) << 20 |
	       (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index));
}

/*
 * Has the same (rule, subject, user) just had its event? Then it is only counted, so that a loop
 * over one file does not hide another's denial. Returns how many the event to send now stands for;
 * 0: send none.
 */
VERIFIED_ONCE __u64 event_coalesce(__u64 address, __u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);
	struct inode *inode = (void *)address;
	struct embargo_recent_key key = {};
	struct embargo_recent fresh = {}, *seen;
	__u64 now = bpf_ktime_get_boot_ns(), told;
	const struct embargo_decision *decision;
	const struct request *request;

	if (!judgement)
		return 0;
	decision = &judgement->decision;
	request = &judgement->request;
	key.generation = judgement->number;
	if (request->state == DIGEST_KNOWN) {
		__builtin_memcpy(key.subject, &request->digest, sizeof(key.subject));
	} else if (inode) {
		/* A number is used again at once for the next file: only its generation differs. */
		__u64 identity[3] = { BPF_CORE_READ(inode, i_ino),
				      BPF_CORE_READ(inode, i_sb, s_dev),
				      BPF_CORE_READ(inode, i_generation) };

		__builtin_memcpy(key.subject, identity, sizeof(identity));
	}
	key.reason = decision->reason;
	key.uid = bpf_get_current_uid_gid();
	key.operation = request->operation;
	key.verdict = decision->verdict;
	key.waiver = judgement->waiver;
	seen = bpf_map_lookup_elem(&recent, &key);
	if (!seen) {
		fresh.last = now;
		bpf_map_update_elem(&recent, &key, &fresh, BPF_ANY);
		return 1;
	}
	if (now - seen->last < EMBARGO_COALESCE_NS) {
		__sync_fetch_and_add(&seen->count, 1);
		count(EMBARGO_COUNTER_COALESCED);
		return 0;
	}
	seen->last = now;
	told = __sync_fetch_and_and(&seen->count, 0);
	return told + 1;
}

static __always_inline void event_subject(struct embargo_event *event,
					  const struct request *request, struct inode *inode)
{
	event->size = request->size;
	event->operation = request->operation;
	event->error = request->error;
	if (request->state == DIGEST_KNOWN) {
		event->flags |= EMBARGO_EVENT_DIGEST;
		__builtin_memcpy(event->digest, &request->digest, sizeof(event->digest));
	} else {
		__builtin_memset(event->digest, 0, sizeof(event->digest));
	}
	event->inode = inode ? BPF_CORE_READ(inode, i_ino) : 0;
	event->device = inode ? BPF_CORE_READ(inode, i_sb, s_dev) : 0;
}

static __always_inline void event_actor(struct embargo_event *event)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	event->pid = task->tgid;
	event->ppid = task->real_parent->tgid;
	event->uid = bpf_get_current_uid_gid();
	event->auid = ~0U;
	if (bpf_core_field_exists(task->loginuid))
		event->auid = task->loginuid.val;
	event->tty = terminal_device(task);
	event->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	if (task->nsproxy->mnt_ns->ns.inum == host_mount_namespace)
		event->flags |= EMBARGO_EVENT_HOST_MOUNTS;
}

static __always_inline void event_reason(struct embargo_event *event,
					 const struct embargo_decision *decision, __u64 number)
{
	__u32 index = decision->reason;
	struct embargo_reason *reason = table_find(reasons, number, &index);

	event->generation = number;
	event->since = decision->since;
	event->verdict = decision->verdict;
	event->action = decision->action;
	if (decision->is_new)
		event->flags |= EMBARGO_EVENT_NEW;
	if (reason)
		bpf_probe_read_kernel(&event->reason, sizeof(event->reason), reason);
	else
		__builtin_memset(&event->reason, 0, sizeof(event->reason));
}

/* The waiver that let it through, where one did. */
static __always_inline void event_waiver(struct embargo_event *event,
					 const struct judgement *judgement)
{
	__u32 index = judgement->waiver;
	struct embargo_permit *permit = NULL;

	event->waived_until = 0;
	__builtin_memset(event->ticket, 0, sizeof(event->ticket));
	if (index)
		permit = table_find(waivers, judgement->number, &index);
	if (!permit)
		return;
	event->waived_until = permit->until;
	__builtin_memcpy(event->ticket, permit->ticket, sizeof(event->ticket));
}

/* The path as the caller sees it; where the hook cannot ask for that, the file's own name. */
static __always_inline long event_path(struct file *file, char *path, __u32 size)
{
	long length;

	path[0] = 0;
	if (!file)
		return 1;
#if defined(MAY_SLEEP) || defined(JUDGES_OPEN)
	length = bpf_d_path(&file->f_path, path, size);
#else
	length = bpf_probe_read_kernel_str(path, size,
					   BPF_CORE_READ(file, f_path.dentry, d_name.name));
#endif
	return length;
}

/* Tells in @event all but the path. @address is the inode's; 0: there is none. */
VERIFIED_ONCE int event_fill(struct embargo_event *event, __u64 address, __u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);
	struct inode *inode = (void *)address;

	if (!event || !judgement)
		return 0;
	event->flags = judgement->flags;
	event->time = judgement->facts.now;
	event_subject(event, &judgement->request, inode);
	event_actor(event);
	event_reason(event, &judgement->decision, judgement->number);
	event_waiver(event, judgement);
	if (judgement->flags & EMBARGO_EVENT_SIGNER)
		event->signer = judgement->signing.found;
	else
		__builtin_memset(&event->signer, 0, sizeof(event->signer));
	return 0;
}

static __always_inline void event_lost(__u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);

	if (judgement)
		count(judgement->decision.verdict == EMBARGO_VERDICT_DENY
			      ? EMBARGO_COUNTER_LOST_DENIALS
			      : EMBARGO_COUNTER_LOST_AUDITS);
}

/* Sends a record of the form that holds @room bytes of path, a constant; -1 where the path needs a
 * longer one. */
static __always_inline int event_send_form(struct file *file, __u64 inode, __u32 slot, __u64 times,
					   const __u32 room)
{
	struct embargo_event *event = bpf_ringbuf_reserve(&events, sizeof(*event) + room, 0);
	long length;

	if (!event) {
		event_lost(slot);
		return 0;
	}
	length = event_path(file, event->path, room);
	if (length < 0 && room < EMBARGO_PATH_LONG) {
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
		return -1;
	}
	event_fill(event, inode, slot);
	event->count = times;
	event->path_length = length > 0 ? length - 1 : 0;
	if (length <= 0) /* of a path that is too long for any record a part may be there */
		event->path[0] = 0;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* Sends the event of the judgement in @slot, or counts it to an earlier one. */
static __noinline void event_send(struct file *file, __u32 slot)
{
	__u64 inode = file ? inode_address(file) : 0, times = event_coalesce(inode, slot);

	if (times && event_send_form(file, inode, slot, times, EMBARGO_PATH_SHORT) < 0)
		event_send_form(file, inode, slot, times, EMBARGO_PATH_LONG);
}

#endif
