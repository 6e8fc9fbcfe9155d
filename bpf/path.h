/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path rules: where a file lies in the view of the initial mount namespace, matched at each check.
 */
#ifndef EMBARGO_PATH_H
#define EMBARGO_PATH_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

#include "request.h"
#include "stage.h"

#define PATH_WALK_MAX	2100 /* PATH_MAX holds at most 2,048 components, and some mounts to cross */
#define PATH_QUICK_MAX	40   /* ancestors the quick look follows; deeper files get the full one */
#define PATH_MOUNTS_MAX 8    /* mounts stacked upon each other that the quick look follows */
#define PATH_VIEWS_MAX \
	65536 /* mounts of one superblock looked at to find one of the initial namespace */

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* The three fields stand side by side on every kernel so far: then one read fetches them. */
static __always_inline bool mount_hold(struct mount *mount, struct hold *hold)
{
	__u32 at = bpf_core_field_offset(struct mount, mnt_parent);

	if (bpf_core_field_offset(struct mount, mnt_mountpoint) == at + 8 &&
	    bpf_core_field_offset(struct mount, mnt) == at + 16 &&
	    bpf_core_field_offset(struct vfsmount, mnt_root) == 0)
		return !bpf_probe_read_kernel(hold, sizeof(*hold), (void *)mount + at);
	hold->parent = BPF_CORE_READ(mount, mnt_parent);
	hold->mountpoint = BPF_CORE_READ(mount, mnt_mountpoint);
	hold->root = BPF_CORE_READ(mount, mnt.mnt_root);
	return hold->parent;
}

static __always_inline bool in_host_mounts(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	return task->nsproxy->mnt_ns->ns.inum == host_mount_namespace;
}

/* Could a path rule end in the name of a directory that @mount, or one above it, is mounted on? */
static __noinline bool mounts_may_match(struct mount *mount, __u64 lengths)
{
	struct hold hold = {}, above = {};
	struct dentry *dentry;

	if (!mount_hold(mount, &hold))
		return true;
	for (int i = 0; i < PATH_MOUNTS_MAX; i++) {
		if (hold.parent == mount)
			return false;
		mount = hold.parent;
		if (!mount_hold(mount, &above))
			return true;
		dentry = hold.mountpoint;
		for (int j = 0; j < PATH_MOUNTS_MAX && dentry != above.root; j++) {
			if (embargo_path_length_bit(BPF_CORE_READ(dentry, d_name.len)) & lengths)
				return true;
			dentry = BPF_CORE_READ(dentry, d_parent);
		}
		if (dentry != above.root)
			return true;
		hold = above;
	}
	return true;
}

/*
 * The quick look: could any path rule match? Compares only the lengths of the names above the file
 * with those that rules end in, within the superblock (so a bind mount hides nothing) and on
 * through the mounts above it. "No" is certain; "perhaps" sends the caller to path_match().
 */
static __always_inline bool path_may_match(struct file *file, __u64 lengths)
{
	struct dentry *dentry = file->f_path.dentry;
	__u64 seen = 0;

	for (int i = 0; i < PATH_QUICK_MAX; i++) {
		struct dentry *parent = dentry->d_parent;

		seen |= embargo_path_length_bit(dentry->d_name.len);
		if (parent == dentry) {
			if ((seen & lengths) || !in_host_mounts())
				return true;
			return mounts_may_match(mount_of(file->f_path.mnt), lengths);
		}
		dentry = parent;
	}
	return true;
}

static long view_climb(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct view *view = &judgement->view;
	struct dentry *dentry = view->dentry, *parent;

	if (dentry == view->hold.root) {
		if (view->hold.parent == view->mount) {
			view->whole = 1;
			return 1;
		}
		view->dentry = view->hold.mountpoint;
		view->mount = view->hold.parent;
		return !mount_hold(view->mount, &view->hold);
	}
	view->name[view->names % EMBARGO_PATH_DEPTH] = dentry;
	view->names++;
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry)
		return 1; /* not below the mount's root: no path */
	view->dentry = parent;
	return 0;
}

/* Looks up one chunk of the name at hand; ends the loop where nothing hangs below. */
static long view_descend(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct view *view = &judgement->view;
	struct embargo_path_key key = { .node = view->node };
	struct embargo_path_node *node;
	struct dentry *dentry;
	__u32 length, rest;

	if (view->step >= view->names || view->step >= EMBARGO_PATH_DEPTH)
		return 1;
	dentry = view->name[(view->names - 1 - view->step) % EMBARGO_PATH_DEPTH];
	length = BPF_CORE_READ(dentry, d_name.len);
	if (length <= view->offset)
		return 1;
	rest = length - view->offset;
	key.last = rest <= EMBARGO_PATH_CHUNK;
	if (rest > EMBARGO_PATH_CHUNK)
		rest = EMBARGO_PATH_CHUNK;
	key.length = rest;
	if (bpf_probe_read_kernel(key.bytes, rest,
				  BPF_CORE_READ(dentry, d_name.name) + view->offset))
		return 1;
	node = table_find(paths, judgement->number, &key);
	if (!node)
		return 1;
	view->node = node->node;
	view->offset += rest;
	if (!key.last)
		return 0;
	view->offset = 0;
	view->step++;
	decide_timeline(judgement->number, view->step < view->names ? node->below : node->exact,
			&judgement->facts, &judgement->decision);
	return 0;
}

#define VIEW_CHUNKS (EMBARGO_PATH_DEPTH * 8) /* a name has up to 255 bytes: eight chunks */

/* Matches the file as seen through @mount. */
static __noinline int view_match(struct judgement *judgement, struct mount *mount)
{
	struct view *view = &judgement->view;

	view->mount = mount;
	view->dentry = judgement->dentry;
	view->names = 0;
	view->node = 0;
	view->step = 0;
	view->offset = 0;
	view->whole = 0;
	if (!mount_hold(mount, &view->hold))
		return 0;
	bpf_loop(PATH_WALK_MAX, view_climb, &judgement, 0);
	if (view->whole)
		bpf_loop(VIEW_CHUNKS, view_descend, &judgement, 0);
	return 0;
}

static __always_inline bool mount_is_host(struct mount *mount)
{
	return BPF_CORE_READ(mount, mnt_ns, ns.inum) == host_mount_namespace;
}

static __always_inline struct mount *mount_from(struct judgement *judgement,
						struct list_head *entry)
{
	if (!entry || entry == judgement->head)
		return NULL;
	return (void *)entry - bpf_core_field_offset(struct mount___list, mnt_instance);
}

static __always_inline struct mount *mount_next(struct judgement *judgement, struct mount *mount)
{
	if (bpf_core_field_exists(((struct mount___chain *)0)->mnt_next_for_sb))
		return BPF_CORE_READ((struct mount___chain *)mount, mnt_next_for_sb);
	return mount_from(judgement,
			  BPF_CORE_READ((struct mount___list *)mount, mnt_instance.next));
}

static __always_inline struct mount *mount_first(struct judgement *judgement,
						 struct super_block *sb)
{
	if (bpf_core_field_exists(((struct mount___chain *)0)->mnt_next_for_sb))
		return BPF_CORE_READ((struct super_block___chain *)sb, s_mounts);
	judgement->head = (void *)sb + bpf_core_field_offset(struct super_block___list, s_mounts);
	return mount_from(judgement, BPF_CORE_READ((struct super_block___list *)sb, s_mounts.next));
}

static long mounts_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct mount *mount = judgement->next;

	if (!mount)
		return 1;
	judgement->next = mount_next(judgement, mount);
	if (mount_is_host(mount))
		view_match(judgement, mount);
	return 0;
}

/*
 * Takes every path rule that covers the file into the decision. A mount of the initial namespace
 * was made by the host's root: the file's path through it counts. Any other mount proves nothing
 * (its user may have put a host file under a banned name, or a banned file under a harmless one):
 * then the file is looked for through the initial namespace's own mounts of the same file system.
 */
static __always_inline void path_match(struct judgement *judgement)
{
	struct dentry *dentry = judgement->dentry;

	if (mount_is_host(judgement->mount)) {
		view_match(judgement, judgement->mount);
		return;
	}
	judgement->next = mount_first(judgement, BPF_CORE_READ(dentry, d_sb));
	bpf_loop(PATH_VIEWS_MAX, mounts_each, &judgement, 0);
}

#endif
