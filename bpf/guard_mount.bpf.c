// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sb_mount, move_mount, sb_umount, sb_remount, sb_pivotroot: the file system that holds the pins
 * stays where it is, and so does the root that all go by. It is the host's own mount that counts,
 * and the daemon's: what a container or a service does with its copy is its own, unless it would
 * come back to the host's by a peer group.
 */
#include "guard.h"

#include "mounts.h"

/* Mounts from that of the pins to the root: /sys/fs/bpf, /sys, /, and some more. */
#define CHAIN_MAX 8

/* Where the pins' own mount was noted: of the host's namespace, and of the daemon's. */
#define MOUNTS 2

#define BPF_FS_MAGIC 0xcafe4a11

/* Folders from a mount point to the root of its file system. */
#define FOLDERS_MAX 8

/* Mounts from one to the root that is asked for. */
#define ABOVE_MAX 64

/* Mounts on one. */
#define CHILDREN_MAX 65536

#define MNT_DETACH 2

/* Do both hear of what is mounted on either? A group of a namespace's own is none of ours. */
static __always_inline bool are_peers(struct mount *one, struct mount *other)
{
	int group = BPF_CORE_READ(one, mnt_group_id);

	return group && group == BPF_CORE_READ(other, mnt_group_id);
}

/* Is @mount the link @held of the chain, or does its end come to that one? The kernel asks what
 * hangs at the same place of a peer, whatever it is. */
static __always_inline bool is_same(struct mount *mount, struct mount *held)
{
	if (mount == held)
		return true;
	return BPF_CORE_READ(mount, mnt_mountpoint) == BPF_CORE_READ(held, mnt_mountpoint) &&
	       are_peers(BPF_CORE_READ(mount, mnt_parent), BPF_CORE_READ(held, mnt_parent));
}

/*
 * The mount of the pins that was noted, in the host's namespace or the daemon's; NULL where it has
 * gone. Nothing holds it: what lies there by then may be another's.
 */
static __always_inline struct mount *pins_in(struct embargo_guard_state *state, int which)
{
	struct mount *mount = (void *)state->mounts[which];

	if (!mount || BPF_CORE_READ(mount, mnt.mnt_sb, s_magic) != BPF_FS_MAGIC)
		return NULL;
	return mount;
}

/* Would the end of @mount be that of the pins' own, @pins? */
static __always_inline bool carries(struct mount *mount, struct mount *pins)
{
	struct mount *held = pins, *parent;

	for (int i = 0; held && i < CHAIN_MAX; i++) {
		if (is_same(mount, held))
			return true;
		parent = BPF_CORE_READ(held, mnt_parent);
		if (parent == held)
			break;
		held = parent;
	}
	return false;
}

/* A look at all mounts of the file system that a link hangs on: is a peer below what ends? */
struct copies {
	struct walk walk;
	struct mount *ending;
	struct mount *parent;	   /* of the link */
	struct dentry *mountpoint; /* ... and where on that it hangs */
	int group;		   /* of the parent */
	bool found;
};

/* A look at what is mounted on one peer. */
struct children {
	struct list_head *next, *end;
	struct dentry *mountpoint;
	bool found;
};

/* The way up from a mount. */
struct ascent {
	struct mount *mount;
	struct mount *ending;
	bool ends;
};

static long look_above(__u32 index, struct ascent *ascent)
{
	struct mount *mount = ascent->mount, *parent;

	if (mount == ascent->ending)
		return 1;
	parent = BPF_CORE_READ(mount, mnt_parent);
	if (parent == mount) {
		ascent->ends = false;
		return 1;
	}
	ascent->mount = parent;
	return 0;
}

/* Who nests mounts so deep would be lost from sight: then it is. */
static __always_inline bool is_below(struct mount *mount, struct mount *ending)
{
	struct ascent ascent = { mount, ending, true };

	bpf_loop(ABOVE_MAX, look_above, &ascent, 0);
	return ascent.ends;
}

static long look_at_child(__u32 index, struct children *children)
{
	struct mount *mount =
		(void *)children->next - bpf_core_field_offset(struct mount, mnt_child);

	if (!children->next || children->next == children->end)
		return 1;
	children->next = BPF_CORE_READ(mount, mnt_child.next);
	children->found = BPF_CORE_READ(mount, mnt_mountpoint) == children->mountpoint;
	return children->found;
}

static long look_at_peer(__u32 index, struct copies *copies)
{
	struct mount *mount = walk_step(&copies->walk);
	struct children children = { .mountpoint = copies->mountpoint };

	if (!mount)
		return 1;
	if (mount == copies->parent || BPF_CORE_READ(mount, mnt_group_id) != copies->group ||
	    !is_below(mount, copies->ending))
		return 0;
	children.end = (void *)mount + bpf_core_field_offset(struct mount, mnt_mounts);
	children.next = BPF_CORE_READ(mount, mnt_mounts.next);
	bpf_loop(CHILDREN_MAX, look_at_child, &children, 0);
	copies->found = children.found;
	return copies->found;
}

/*
 * A tree of mounts that ends as a whole takes with it what hangs at the same places of its mounts'
 * peers: `mount --rbind /sys X; umount -l X`.
 */
static __always_inline bool has_copy(struct mount *ending, struct mount *pins)
{
	struct mount *held = pins, *parent;

	for (int i = 0; held && i < CHAIN_MAX; i++) {
		struct copies copies = { .ending = ending };

		parent = BPF_CORE_READ(held, mnt_parent);
		if (parent == held)
			break;
		copies.parent = parent;
		copies.group = BPF_CORE_READ(parent, mnt_group_id);
		copies.mountpoint = BPF_CORE_READ(held, mnt_mountpoint);
		if (copies.group) {
			walk_begin(&copies.walk, BPF_CORE_READ(parent, mnt.mnt_sb));
			bpf_loop(WALK_MAX, look_at_peer, &copies, 0);
			if (copies.found)
				return true;
		}
		held = parent;
	}
	return false;
}

/* Would something mounted on @folder of @mount hide the pins? On the root of all it hides all, and
 * is the business of whoever changes roots. */
static __always_inline bool hides(struct mount *mount, struct dentry *folder, struct mount *pins)
{
	struct mount *held = pins, *parent;
	struct dentry *at = NULL, *above;

	for (int i = 0; i < CHAIN_MAX; i++) {
		parent = BPF_CORE_READ(held, mnt_parent);
		if (parent == held)
			return false;
		if (mount == held || are_peers(mount, held)) {
			if (!at)
				return true;
			for (int j = 0; j < FOLDERS_MAX; j++) {
				if (at == folder)
					return true;
				above = BPF_CORE_READ(at, d_parent);
				if (above == at)
					break;
				at = above;
			}
			return false;
		}
		at = BPF_CORE_READ(held, mnt_mountpoint);
		held = parent;
	}
	return false;
}

#define MS_REMOUNT     (1ul << 5)
#define MS_BIND	       (1ul << 12)
#define MS_MOVE	       (1ul << 13)
#define MS_PROPAGATION (15ul << 17) /* MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED */

static int refuse_mount(void)
{
	return guard_passes() ? 0 : guard_refuse(EMBARGO_GUARD_REFUSED_MOUNT);
}

static __always_inline int refuse_end(struct mount *mount, bool whole)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *pins;

	for (int i = 0; state && state->closed && i < MOUNTS; i++) {
		pins = pins_in(state, i);
		if (pins && (carries(mount, pins) || (whole && has_copy(mount, pins))))
			return refuse_mount();
	}
	return 0;
}

static __always_inline bool is_pins(struct mount *mount)
{
	struct embargo_guard_state *state = guard_state_now();

	return state && state->closed && (mount == pins_in(state, 0) || mount == pins_in(state, 1));
}

/* Does @mount show the same as a link of the chain above @pins, and hears of nothing that is
 * mounted there? */
static __always_inline bool is_apart(struct mount *mount, struct mount *pins)
{
	struct mount *held = pins, *parent;

	for (int i = 0; i < CHAIN_MAX; i++) {
		if (BPF_CORE_READ(mount, mnt.mnt_root) == BPF_CORE_READ(held, mnt.mnt_root))
			return !are_peers(mount, held);
		parent = BPF_CORE_READ(held, mnt_parent);
		if (parent == held)
			break;
		held = parent;
	}
	return false;
}

/* Is what is mounted there seen by the host or the daemon? A copy that tells of its mounts to
 * nobody, or to its own kind, is its owner's. */
static __always_inline bool is_seen(struct mount *mount, struct embargo_guard_state *state)
{
	struct mnt_namespace *mounts = BPF_CORE_READ(mount, mnt_ns);
	struct mount *host = pins_in(state, 0), *own = pins_in(state, 1);

	if ((host && mounts == BPF_CORE_READ(host, mnt_ns)) ||
	    (own && mounts == BPF_CORE_READ(own, mnt_ns)))
		return true;
	return BPF_CORE_READ(mount, mnt_group_id) && !(host && is_apart(mount, host));
}

static __always_inline int refuse_cover(const struct path *path)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *mount = mount_of(BPF_CORE_READ(path, mnt));
	struct dentry *folder = BPF_CORE_READ(path, dentry);
	struct mount *pins;

	if (!state || !state->closed)
		return 0;
	/* A file is covered by a file. */
	if ((guard_place_of(folder) || guard_place_in(folder)) && is_seen(mount, state))
		return refuse_mount();
	for (int i = 0; i < MOUNTS; i++) {
		pins = pins_in(state, i);
		if (pins && hides(mount, folder, pins))
			return refuse_mount();
	}
	return 0;
}

/* The mounts that whoever runs goes by. */
static __always_inline struct mnt_namespace *own_mounts(void)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	return BPF_CORE_READ(task, nsproxy, mnt_ns);
}

/*
 * Would the kernel move @pins, or what they hang on? It moves nothing that hangs on a shared mount;
 * and nothing has a place for the root of all.
 */
static __always_inline bool is_movable(struct mount *pins)
{
	struct mount *held = pins, *parent;

	for (int i = 0; i < CHAIN_MAX; i++) {
		parent = BPF_CORE_READ(held, mnt_parent);
		if (parent == held)
			return false;
		if (BPF_CORE_READ(parent, mnt_parent) == parent &&
		    BPF_CORE_READ(held, mnt_mountpoint) == BPF_CORE_READ(parent, mnt.mnt_root))
			return false;
		if (!BPF_CORE_READ(parent, mnt_group_id))
			return true;
		held = parent;
	}
	return false;
}

/*
 * What mount(2) is to move it has by a name that is looked up after the hook: it may be the pins'
 * own mount. So where that could be moved nothing is, by that call; move_mount(2) tells.
 */
static __always_inline int refuse_to_move(void)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *pins;

	for (int i = 0; state && state->closed && i < MOUNTS; i++) {
		pins = pins_in(state, i);
		if (pins && BPF_CORE_READ(pins, mnt_ns) == own_mounts() && is_movable(pins))
			return refuse_mount();
	}
	return 0;
}

SEC("lsm/sb_umount")
int BPF_PROG(guard_umount, struct vfsmount *mnt, int flags, int earlier)
{
	return earlier ? earlier : refuse_end(mount_of(mnt), flags & MNT_DETACH);
}

SEC("lsm/sb_mount")
int BPF_PROG(guard_mount, const char *device, const struct path *path, const char *type,
	     unsigned long flags, void *data, int earlier)
{
	int error;

	if (earlier)
		return earlier;
	/* Of several flags the kernel goes by one, and in this order. */
	if (flags & MS_REMOUNT)
		return is_pins(mount_of(BPF_CORE_READ(path, mnt))) ? refuse_mount() : 0;
	if (flags & MS_BIND)
		return refuse_cover(path);
	if (flags & MS_PROPAGATION)
		return 0;
	error = refuse_cover(path);
	return error || !(flags & MS_MOVE) ? error : refuse_to_move();
}

SEC("lsm/move_mount")
int BPF_PROG(guard_move, const struct path *from, const struct path *to, int earlier)
{
	int error = earlier ? earlier : refuse_cover(to);

	return error ? error : refuse_end(mount_of(BPF_CORE_READ(from, mnt)), false);
}

SEC("lsm/sb_remount")
int BPF_PROG(guard_remount, struct super_block *filesystem, void *options, int earlier)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *pins;

	if (earlier || !state || !state->closed)
		return earlier;
	pins = pins_in(state, 0);
	return pins && BPF_CORE_READ(pins, mnt.mnt_sb) == filesystem ? refuse_mount() : 0;
}

/*
 * Another root for all whose root is the caller's, the daemon among them: in the host's namespace,
 * or the daemon's. Containers and services have their own by then. At the end PID 1 may, to let go
 * of what it came from.
 */
SEC("lsm/sb_pivotroot")
int BPF_PROG(guard_pivot, const struct path *old, const struct path *fresh, int earlier)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *pins;

	if (earlier)
		return earlier;
	for (int i = 0; state && state->closed && i < MOUNTS; i++) {
		pins = pins_in(state, i);
		if (pins && BPF_CORE_READ(pins, mnt_ns) == own_mounts())
			return guard_is_going_down(state) ? 0 : refuse_mount();
	}
	return 0;
}
