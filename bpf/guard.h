/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard: keeps root from switching off what is in force. Whoever has no mark is refused.
 *
 *   mark     in the storage of each task of the daemon's tree: a child inherits it, a program that
 *            is executed and a process that becomes another user have none
 *   closed   from when the daemon has put everything in place; before, nothing is refused
 *   open     for a time, by a token: `open_until` passes by itself
 */
#ifndef EMBARGO_GUARD_H
#define EMBARGO_GUARD_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "guard_abi.h"

struct guard_state_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_guard_state));
};

struct guard_marks_storage {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
};

struct guard_objects_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EMBARGO_GUARD_OBJECTS);
	__uint(key_size, sizeof(struct embargo_guard_object));
	__uint(value_size, sizeof(__u32));
};

/* By address: it is there before the map has a number, and gone with it. */
struct guard_made_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EMBARGO_GUARD_MADE);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(__u32));
};

struct guard_folders_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, EMBARGO_GUARD_FOLDERS);
	__uint(key_size, sizeof(struct embargo_guard_folder));
	__uint(value_size, sizeof(__u32));
};

struct guard_refusals_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EMBARGO_GUARD_REFUSED_COUNT);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_guard_refusal));
};

struct guard_view_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_guard_shown));
};

extern struct guard_state_array guard_state SEC(".maps");
extern struct guard_marks_storage guard_marks SEC(".maps");
extern struct guard_objects_hash guard_objects SEC(".maps");
extern struct guard_made_hash guard_made SEC(".maps");
extern struct guard_folders_hash guard_folders SEC(".maps");
extern struct guard_refusals_array guard_refusals SEC(".maps");

static __always_inline bool task_is_marked(struct task_struct *task)
{
	return bpf_task_storage_get(&guard_marks, task, 0, 0);
}

static __always_inline struct embargo_guard_state *guard_state_now(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&guard_state, &zero);
}

/* May whoever runs do as they like? */
static __always_inline bool guard_passes(void)
{
	struct embargo_guard_state *state = guard_state_now();

	if (!state || !state->closed)
		return true;
	if (state->mode != EMBARGO_GUARD_LOCKED && bpf_ktime_get_boot_ns() < state->open_until)
		return true;
	return task_is_marked((struct task_struct *)bpf_get_current_task_btf());
}

/*
 * At the end PID 1 becomes another program, which ends whatever still runs. While it is the one it
 * was it may not: it does what root asks of it.
 */
static __always_inline bool guard_is_going_down(struct embargo_guard_state *state)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct inode *program;

	if (!state || BPF_CORE_READ(task, tgid) != 1)
		return false;
	program = BPF_CORE_READ(task, mm, exe_file, f_inode);
	return program && (BPF_CORE_READ(program, i_ino) != state->init_inode ||
			   BPF_CORE_READ(program, i_sb, s_dev) != state->init_device);
}

/* Counts, and gives the answer to the caller. */
static __always_inline int guard_refuse(enum embargo_guard_refused what)
{
	__u32 key = what;
	struct embargo_guard_refusal *refusal = bpf_map_lookup_elem(&guard_refusals, &key);

	if (refusal) {
		__sync_fetch_and_add(&refusal->count, 1);
		refusal->last = bpf_ktime_get_boot_ns();
		refusal->pid = bpf_get_current_pid_tgid() >> 32;
		refusal->uid = bpf_get_current_uid_gid();
		bpf_get_current_comm(refusal->comm, sizeof(refusal->comm));
	}
	return -EPERM;
}

/* What is open as @fd, or NULL. The table may change meanwhile: see guard_bpf.bpf.c. */
static __always_inline struct file *guard_file(__u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file;
}

#define BTRFS_SUPER_MAGIC 0x9123683e

static __always_inline __u64 guard_tree_of(struct inode *inode)
{
	if (!bpf_core_field_exists(((struct btrfs_inode *)0)->vfs_inode) ||
	    BPF_CORE_READ(inode, i_sb, s_magic) != BTRFS_SUPER_MAGIC)
		return 0;
	return BPF_CORE_READ(
		(struct btrfs_inode *)((void *)inode -
				       bpf_core_field_offset(struct btrfs_inode, vfs_inode)),
		root, root_key.objectid);
}

static __always_inline struct embargo_guard_folder guard_folder_of(struct dentry *folder)
{
	struct inode *inode = BPF_CORE_READ(folder, d_inode);

	return (struct embargo_guard_folder) {
		.inode = BPF_CORE_READ(inode, i_ino),
		.parent = BPF_CORE_READ(folder, d_parent, d_inode, i_ino),
		.tree = guard_tree_of(inode),
		.device = BPF_CORE_READ(inode, i_sb, s_dev),
		.generation = BPF_CORE_READ(inode, i_generation),
	};
}

static __always_inline enum embargo_guard_place guard_place_of(struct dentry *folder)
{
	struct embargo_guard_folder key = guard_folder_of(folder);
	__u32 *place = bpf_map_lookup_elem(&guard_folders, &key);

	return place ? *place : EMBARGO_GUARD_NOWHERE;
}

/* Of the folder that @entry lies in, and of the one above, where the inside of PINS is meant. */
static __always_inline enum embargo_guard_place guard_place_in(struct dentry *entry)
{
	struct dentry *folder = BPF_CORE_READ(entry, d_parent);
	enum embargo_guard_place place = guard_place_of(folder);

	if (place == EMBARGO_GUARD_PINS || place == EMBARGO_GUARD_FILES)
		return place;
	place = guard_place_of(BPF_CORE_READ(folder, d_parent));
	return place == EMBARGO_GUARD_PINS ? place : EMBARGO_GUARD_NOWHERE;
}

#endif
