// SPDX-License-Identifier: GPL-2.0-or-later
/* Defines the guard's maps, and looks up for the loader what only the kernel knows: numbers of
 * folders, addresses of mounts, the program of PID 1. */
#include "guard.h"

#include "mounts.h"

char LICENSE[] SEC("license") = "GPL";

struct guard_state_array guard_state SEC(".maps");
struct guard_marks_storage guard_marks SEC(".maps");
struct guard_objects_hash guard_objects SEC(".maps");
struct guard_made_hash guard_made SEC(".maps");
struct guard_folders_hash guard_folders SEC(".maps");
struct guard_refusals_array guard_refusals SEC(".maps");
struct guard_view_array guard_view SEC(".maps");

/* From the loader up to PID 1. */
#define ANCESTORS_MAX 256

static int look_at_folder(const struct embargo_guard_question *question)
{
	struct file *file = guard_file(question->fd);
	struct dentry *folder = BPF_CORE_READ(file, f_path.dentry);
	struct embargo_guard_folder key = guard_folder_of(folder);
	__u32 place = question->place;

	if (!key.inode)
		return -EINVAL;
	return bpf_map_update_elem(&guard_folders, &key, &place, BPF_ANY);
}

struct search {
	struct walk walk;
	__u32 namespace; /* the host's */
	struct dentry *mountpoint;
	struct mount *found;
};

/* A namespace may have several: the one that lies where the daemon's does, or the first. */
static long look_at_mount(__u32 index, struct search *search)
{
	struct mount *mount = walk_step(&search->walk);

	if (!mount)
		return 1;
	if (BPF_CORE_READ(mount, mnt_ns, ns.inum) != search->namespace)
		return 0;
	if (BPF_CORE_READ(mount, mnt_mountpoint) == search->mountpoint) {
		search->found = mount;
		return 1;
	}
	if (!search->found)
		search->found = mount;
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

/* The daemon's is that by which it has the file open. */
static int look_at_mounts(const struct embargo_guard_question *question)
{
	struct embargo_guard_state *state = guard_state_now();
	struct file *file = guard_file(question->fd);
	struct mount *own = mount_of(BPF_CORE_READ(file, f_path.mnt));
	struct search search = {
		.namespace = question->namespace,
		.mountpoint = BPF_CORE_READ(own, mnt_mountpoint),
	};

	if (BPF_CORE_READ(own, mnt_ns, ns.inum) == search.namespace) {
		search.found = own;
	} else {
		walk_begin(&search.walk, BPF_CORE_READ(file, f_inode, i_sb));
		bpf_loop(WALK_MAX, look_at_mount, &search, 0);
	}
	if (!state || !search.found)
		return -EINVAL;
	state->mounts[0] = (__u64)search.found;
	state->mounts[1] = (__u64)own;
	look_at_init(state);
	return 0;
}

SEC("syscall")
int guard_look(struct embargo_guard_question *question)
{
	struct embargo_guard_question copy = *question;

	return copy.ask == EMBARGO_GUARD_ASK_FOLDER ? look_at_folder(&copy) : look_at_mounts(&copy);
}
