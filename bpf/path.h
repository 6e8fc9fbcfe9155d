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
#define PATH_QUICK_MAX	20   /* ancestors the quick look follows; deeper files get the full one */
#define PATH_MOUNTS_MAX 8    /* mounts stacked upon each other that the quick look follows */
#define WALK_TRIES	8    /* walks over a superblock's mounts, where the way was lost */
#define PATH_VIEWS_MAX \
	65536 /* mounts of one superblock looked at to find one of the initial namespace */

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline __u64 vfsmount_address(struct mount *mount)
{
	return (__u64)mount + bpf_core_field_offset(struct mount, mnt);
}

static __always_inline bool mount_is_host(struct mount *mount)
{
	struct mnt_namespace *mounts = BPF_CORE_READ(mount, mnt_ns);

	if (BPF_CORE_READ(mounts, ns.inum) != host_mount_namespace)
		return false;
	host_namespace = (__u64)mounts;
	return true;
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

/*
 * Nearly every file is on the host's root, or on a mount right below it. Where such a mount hangs
 * is remembered as long as the initial namespace's mounts stay as they are. A mark stands for the
 * mount, the namespace and the state of that; the verifier lets nobody calculate with a kernel
 * pointer but by its distance from another.
 */
#define pointer_distance(pointer) ((__u64)(pointer) - (__u64)&host_mounts)
#define mount_mark(vfsmount, mounts)                                         \
	(embargo_filter_mix(embargo_filter_mix(pointer_distance(vfsmount)) + \
			    pointer_distance(mounts) + embargo_filter_mix((mounts)->event)))

/* The same for the superblock at @address, seen through the initial namespace; 0 where that was not
 * met yet. */
static __always_inline __u64 superblock_mark(__u64 address)
{
	struct mnt_namespace *mounts = (void *)host_namespace;
	__u64 event;

	if (!mounts || bpf_core_read(&event, sizeof(event), &mounts->event))
		return 0;
	return embargo_filter_mix(embargo_filter_mix(address) + embargo_filter_mix(event) + 1);
}

/* Vouches for the other two words of an enum host_mount, so that no lock is needed: half of one
 * and half of another does not fit. */
static __always_inline __u64 host_mount_seal(__u64 mark, __u64 point, __u64 root)
{
	return mark ^ embargo_filter_mix(embargo_filter_mix(point) + root);
}

static __always_inline volatile __u64 *host_mount_of(__u64 mark)
{
	return host_mounts[mark >> (64 - HOST_MOUNTS_BITS)];
}

static __always_inline void host_mount_remember(__u64 mark, __u64 point, __u64 root)
{
	volatile __u64 *known = host_mount_of(mark);

	known[HOST_MOUNT_POINT] = point;
	known[HOST_MOUNT_ROOT] = root;
	known[HOST_MOUNT_SEAL] = host_mount_seal(mark, point, root);
}

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
	for (int i = 0; i < PATH_MOUNTS_MAX; i++) {
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
	for (int i = 0; i < PATH_MOUNTS_MAX; i++) {
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

static __always_inline struct mount *walk_at(const struct walk *walk, struct list_head *entry)
{
	if (entry == walk->end)
		return NULL;
	return (void *)entry - bpf_core_field_offset(struct mount___list, mnt_instance);
}

static __always_inline void walk_begin(struct walk *walk, struct super_block *sb)
{
	walk->sb = sb;
	walk->lost = 0;
	if (bpf_core_field_exists(((struct mount___chain *)0)->mnt_next_for_sb)) {
		walk->end = NULL;
		walk->next = BPF_CORE_READ((struct super_block___chain *)sb, s_mounts);
		return;
	}
	walk->end = (void *)sb + bpf_core_field_offset(struct super_block___list, s_mounts);
	walk->next = walk_at(walk, BPF_CORE_READ((struct super_block___list *)sb, s_mounts.next));
}

/* The next mount; NULL at the end, and where the way is lost. */
static __always_inline struct mount *walk_step(struct walk *walk)
{
	struct mount *mount = walk->next;

	if (!mount)
		return NULL;
	if (bpf_core_field_exists(((struct mount___chain *)0)->mnt_next_for_sb))
		walk->next = BPF_CORE_READ((struct mount___chain *)mount, mnt_next_for_sb);
	else
		walk->next = walk_at(walk, BPF_CORE_READ((struct mount___list *)mount,
							 mnt_instance.next));
	/* Asked after its next was read: then that was the next of a mount in this superblock. */
	if (BPF_CORE_READ(mount, mnt.mnt_sb) == walk->sb)
		return mount;
	walk->lost = 1;
	walk->next = NULL;
	return NULL;
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
	bpf_loop(PATH_VIEWS_MAX, views_each, &views, 0);
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
	for (int i = 0; i < PATH_QUICK_MAX && parent != dentry; i++) {
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

static long mounts_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct mount *mount = walk_step(&judgement->walk);

	if (!mount)
		return 1;
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
	/* Begun anew where the way was lost: nobody hides a mount by unmounting others in time. */
	for (int i = 0; i < WALK_TRIES; i++) {
		walk_begin(&judgement->walk, BPF_CORE_READ(dentry, d_sb));
		bpf_loop(PATH_VIEWS_MAX, mounts_each, &judgement, 0);
		if (!judgement->walk.lost)
			return;
	}
}

#endif
