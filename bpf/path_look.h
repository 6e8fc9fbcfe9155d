/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quick look at a path: could any path rule match? Nearly every file leaves here. */
#ifndef EMBARGO_PATH_LOOK_H
#define EMBARGO_PATH_LOOK_H

#include "mounts.h"

#define LOOK_NAMES_MAX \
	20 /* folders above a file that it follows; deeper files get the full match */
#define LOOK_MOUNTS_MAX 8 /* mounts stacked upon each other that it follows */

/*
 * Could a path rule end in this name? A rule that does has its length and its first bytes
 * in the filters.
 */
static __noinline int name_may_match(const void *name, __u32 length,
				     const struct embargo_generation *head)
{
	__u64 prefix = 0, used = length;

	if (!head)
		return true;
	if (used > EMBARGO_NAME_PREFIX)
		used = EMBARGO_NAME_PREFIX;
	barrier_var(used); /* the verifier sees the bound only if nothing is known of it here */
	used &= 2 * EMBARGO_NAME_PREFIX - 1;
	if (bpf_probe_read_kernel(&prefix, used, name))
		return true;
	return embargo_filter_has(head->name_filter, embargo_name_bit(prefix, length));
}

/* A dentry's place in the tree. */
struct place {
	struct dentry *parent;
	struct qstr name;
};

/* The fields stand side by side on every kernel so far: then one read fetches them. */
static __always_inline bool dentry_place(struct dentry *dentry, struct place *place)
{
	__u32 at = bpf_core_field_offset(struct dentry, d_parent);

	if (bpf_core_field_offset(struct dentry, d_name) == at + offsetof(struct place, name) &&
	    bpf_core_type_size(struct qstr) == sizeof(place->name))
		return !bpf_probe_read_kernel(place, sizeof(*place), (void *)dentry + at);
	place->parent = BPF_CORE_READ(dentry, d_parent);
	place->name.len = BPF_CORE_READ(dentry, d_name.len);
	place->name.name = BPF_CORE_READ(dentry, d_name.name);
	return place->parent;
}

/*
 * The same for the names from @point, a mount's mountpoint, up to @top, the root of the mount
 * above.
 */
VERIFIED_ONCE int point_may_match(__u64 point, __u64 top, const struct embargo_generation *head)
{
	struct dentry *dentry = (void *)point, *root = (void *)top;
	struct place place = {};

	if (!head)
		return true;
	for (int i = 0; i < LOOK_MOUNTS_MAX; i++) {
		if (dentry == root)
			return false;
		if (!dentry_place(dentry, &place))
			return true;
		if ((embargo_path_length_bit(place.name.len) & head->path_lengths) &&
		    name_may_match(place.name.name, place.name.len, head))
			return true;
		dentry = place.parent;
	}
	return true;
}

/*
 * Could a path rule end in the name of a directory that the vfsmount at @address, or one above it,
 * is mounted on? Only a mount of the initial namespace tells where a file lies. What is found is
 * remembered under @mark, where that is not 0.
 */
VERIFIED_ONCE int mounts_may_match(__u64 address, __u64 mark, const struct embargo_generation *head)
{
	struct mount *mount = mount_of((void *)address);
	struct hold hold = {}, above = {};
	__u64 point = 0, root = 0;
	int named = 0;

	if (!head || !mount_is_host(mount) || !mount_hold(mount, &hold))
		return true;
	for (int i = 0; i < LOOK_MOUNTS_MAX; i++) {
		if (hold.parent == mount) {
			if (mark && named <= 1)
				host_mount_remember(mark, point, root);
			return false;
		}
		mount = hold.parent;
		if (!mount_hold(mount, &above) ||
		    point_may_match((__u64)hold.mountpoint, (__u64)above.root, head))
			return true;
		if (hold.mountpoint != above.root) {
			point = (__u64)hold.mountpoint;
			root = (__u64)above.root;
			named++;
		}
		hold = above;
	}
	return true;
}

/* The mounts of the initial namespace, seen on a walk. */
struct views {
	struct walk walk;
	struct mount *last;
	__u32 count;
	__u32 may_match;
	const struct embargo_generation *head;
};

static long views_each(__u32 index, struct views *views)
{
	struct mount *mount = walk_step(&views->walk);

	if (!mount)
		return 1;
	if (!mount_is_host(mount))
		return 0;
	views->last = mount;
	views->count++;
	if (!mounts_may_match(vfsmount_address(mount), 0, views->head))
		return 0;
	views->may_match = 1;
	return 1;
}

/*
 * The same for the file of a caller in a mount namespace of its own: through any mount of the
 * initial namespace of the superblock at @address. Remembered where there is but one, or none:
 * a service with a private /tmp, a container on a layer of its own.
 */
VERIFIED_ONCE int views_may_match(__u64 address, const struct embargo_generation *head)
{
	struct views views = { .head = head };
	__u64 mark, point, root;
	volatile __u64 *known;

	if (!head)
		return true;
	mark = superblock_mark(address);
	if (mark) {
		known = host_mount_of(mark);
		point = known[HOST_MOUNT_POINT];
		root = known[HOST_MOUNT_ROOT];
		if (known[HOST_MOUNT_SEAL] == host_mount_seal(mark, point, root))
			return point != root && point_may_match(point, root, head);
	}
	walk_begin(&views.walk, (void *)address);
	bpf_loop(WALK_MAX, views_each, &views, 0);
	if (views.may_match || views.walk.lost || views.walk.next)
		return true;
	if (mark && !views.count)
		host_mount_remember(mark, 0, 0);
	if (mark && views.count == 1)
		return mounts_may_match(vfsmount_address(views.last), mark, head);
	return false;
}

/*
 * The quick look: could any path rule match? Compares only the names above the file with those that
 * rules end in, within the superblock (so a bind mount hides nothing) and on through the mounts
 * above it: first their lengths, which takes no helper. "No" is certain; "perhaps" sends the caller
 * to path_match().
 */
static __always_inline bool path_may_match(struct file *file, const struct embargo_generation *head)
{
	struct dentry *dentry = file->f_path.dentry, *parent = dentry->d_parent;
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct mnt_namespace *mounts = task->nsproxy->mnt_ns;
	__u64 lengths = head->path_lengths, mark, point, root;
	volatile __u64 *known;
	__u32 length;

	/* Unrolled, it need not count each turn: this is the warm path. */
#pragma clang loop unroll_count(4)
	for (int i = 0; i < LOOK_NAMES_MAX && parent != dentry; i++) {
		length = dentry->d_name.len;
		if ((embargo_path_length_bit(length) & lengths) &&
		    name_may_match(dentry->d_name.name, length, head))
			return true;
		dentry = parent;
		parent = dentry->d_parent;
	}
	if (parent != dentry)
		return true;
	mark = mount_mark(file->f_path.mnt, mounts);
	known = host_mount_of(mark);
	point = known[HOST_MOUNT_POINT];
	root = known[HOST_MOUNT_ROOT];
	if (known[HOST_MOUNT_SEAL] == host_mount_seal(mark, point, root))
		return point != root && point_may_match(point, root, head);
	if (mounts->ns.inum == host_mount_namespace)
		return mounts_may_match((__u64)BPF_CORE_READ(file, f_path.mnt), mark, head);
	return views_may_match((__u64)BPF_CORE_READ(dentry, d_sb), head);
}

#endif
