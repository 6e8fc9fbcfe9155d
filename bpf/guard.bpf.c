// SPDX-License-Identifier: GPL-2.0-or-later
/* Defines the guard's maps, and looks up for the loader what only the kernel knows: numbers of
 * folders, addresses of mounts, the program of PID 1. */
#include "guard.h"

#include "mounts.h"

char LICENSE[] SEC("license") = "GPL";

struct guard_state_array guard_state SEC(".maps");
struct guard_marks_storage guard_marks SEC(".maps");
struct guard_objects_hash guard_objects SEC(".maps");
struct guard_folders_hash guard_folders SEC(".maps");
struct guard_refusals_array guard_refusals SEC(".maps");
struct guard_view_array guard_view SEC(".maps");

/* From the loader up to PID 1. */
#define ANCESTORS_MAX 256

static int look_at_folder(const struct embargo_guard_question *question)
{
	struct file *file = guard_file(question->fd);
	struct dentry *folder = BPF_CORE_READ(file, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(folder, d_inode);
	struct embargo_guard_folder key = {
		.inode = BPF_CORE_READ(inode, i_ino),
		.parent = BPF_CORE_READ(folder, d_parent, d_inode, i_ino),
		.device = BPF_CORE_READ(inode, i_sb, s_dev),
		.generation = BPF_CORE_READ(inode, i_generation),
	};
	__u32 place = question->place;

	if (!inode)
		return -EINVAL;
	return bpf_map_update_elem(&guard_folders, &key, &place, BPF_ANY);
}

struct search {
	struct walk walk;
	__u32 namespaces[2];
	__u64 mounts[2];
};

static long look_at_mount(__u32 index, struct search *search)
{
	struct mount *mount = walk_step(&search->walk);
	__u32 namespace;

	if (!mount)
		return 1;
	namespace = BPF_CORE_READ(mount, mnt_ns, ns.inum);
	if (namespace == search->namespaces[0])
		search->mounts[0] = (__u64)mount;
	else if (namespace == search->namespaces[1])
		search->mounts[1] = (__u64)mount;
	return 0;
}

static void look_at_init(struct embargo_guard_state *state)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct inode *program;

	for (int i = 0; i < ANCESTORS_MAX && BPF_CORE_READ(task, tgid) > 1; i++)
		task = BPF_CORE_READ(task, real_parent);
	program = BPF_CORE_READ(task, mm, exe_file, f_inode);
	state->init_inode = BPF_CORE_READ(program, i_ino);
	state->init_device = BPF_CORE_READ(program, i_sb, s_dev);
}

static int look_at_mounts(const struct embargo_guard_question *question)
{
	struct embargo_guard_state *state = guard_state_now();
	struct file *file = guard_file(question->fd);
	struct search search = { .namespaces = { question->namespaces[0],
						 question->namespaces[1] } };

	walk_begin(&search.walk, BPF_CORE_READ(file, f_inode, i_sb));
	bpf_loop(WALK_MAX, look_at_mount, &search, 0);
	if (!state || !search.mounts[0])
		return -EINVAL;
	state->mounts[0] = search.mounts[0];
	state->mounts[1] = search.mounts[1];
	look_at_init(state);
	return 0;
}

SEC("syscall")
int guard_look(struct embargo_guard_question *question)
{
	struct embargo_guard_question copy = *question;

	return copy.ask == EMBARGO_GUARD_ASK_FOLDER ? look_at_folder(&copy) : look_at_mounts(&copy);
}
