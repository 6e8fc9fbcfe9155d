// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sb_mount, move_mount, sb_umount, sb_remount: the file system that holds the pins stays where it
 * is. It is the host's own mount that counts, and the daemon's: what a container or a service does
 * with its copy is its own, unless it would come back to the host's by a peer group.
 */
#include "guard.h"

/* Mounts from that of the pins to the root: /sys/fs/bpf, /sys, /, and some more. */
#define CHAIN_MAX 8

/* Folders from a mount point to the root of its file system. */
#define FOLDERS_MAX 8

static __always_inline struct mount *mount_of_vfs(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Is @mount the link @held of the chain, or does what is done to it come to that one? */
static __always_inline bool is_same(struct mount *mount, struct mount *held)
{
	if (mount == held)
		return true;
	return BPF_CORE_READ(mount, mnt.mnt_root) == BPF_CORE_READ(held, mnt.mnt_root) &&
	       BPF_CORE_READ(mount, mnt_mountpoint) == BPF_CORE_READ(held, mnt_mountpoint) &&
	       BPF_CORE_READ(mount, mnt_parent, mnt_group_id);
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
		if (mount == held ||
		    (BPF_CORE_READ(mount, mnt.mnt_root) == BPF_CORE_READ(held, mnt.mnt_root) &&
		     BPF_CORE_READ(mount, mnt_group_id))) {
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

#define MOUNTS 2

#define MS_REMOUNT     (1ul << 5)
#define MS_PROPAGATION (15ul << 17) /* MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED */

static int refuse_mount(void)
{
	return guard_passes() ? 0 : guard_refuse(EMBARGO_GUARD_REFUSED_MOUNT);
}

static __always_inline int refuse_end(struct mount *mount)
{
	struct embargo_guard_state *state = guard_state_now();

	for (int i = 0; state && state->closed && i < MOUNTS; i++)
		if (state->mounts[i] && carries(mount, (void *)state->mounts[i]))
			return refuse_mount();
	return 0;
}

static __always_inline bool is_pins(struct mount *mount)
{
	struct embargo_guard_state *state = guard_state_now();

	return state && state->closed &&
	       ((__u64)mount == state->mounts[0] || (__u64)mount == state->mounts[1]);
}

/* Is what is mounted there seen by the host or the daemon? A copy that hears of no other mounts is
 * its owner's. */
static __always_inline bool is_seen(struct mount *mount, const struct embargo_guard_state *state)
{
	struct mnt_namespace *mounts = BPF_CORE_READ(mount, mnt_ns);
	struct mount *host = (void *)state->mounts[0], *own = (void *)state->mounts[1];

	return BPF_CORE_READ(mount, mnt_group_id) || mounts == BPF_CORE_READ(host, mnt_ns) ||
	       (own && mounts == BPF_CORE_READ(own, mnt_ns));
}

static __always_inline int refuse_cover(const struct path *path)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *mount = mount_of_vfs(BPF_CORE_READ(path, mnt));
	struct dentry *folder = BPF_CORE_READ(path, dentry);

	if (!state || !state->closed)
		return 0;
	if (guard_place_of(folder) && is_seen(mount, state))
		return refuse_mount();
	for (int i = 0; i < MOUNTS; i++)
		if (state->mounts[i] && hides(mount, folder, (void *)state->mounts[i]))
			return refuse_mount();
	return 0;
}

SEC("lsm/sb_umount")
int BPF_PROG(guard_umount, struct vfsmount *mnt, int flags, int earlier)
{
	return earlier ? earlier : refuse_end(mount_of_vfs(mnt));
}

SEC("lsm/sb_mount")
int BPF_PROG(guard_mount, const char *device, const struct path *path, const char *type,
	     unsigned long flags, void *data, int earlier)
{
	if (earlier || (flags & MS_PROPAGATION))
		return earlier;
	if (flags & MS_REMOUNT)
		return is_pins(mount_of_vfs(BPF_CORE_READ(path, mnt))) ? refuse_mount() : 0;
	return refuse_cover(path);
}

SEC("lsm/move_mount")
int BPF_PROG(guard_move, const struct path *from, const struct path *to, int earlier)
{
	int error = earlier ? earlier : refuse_cover(to);

	return error ? error : refuse_end(mount_of_vfs(BPF_CORE_READ(from, mnt)));
}

SEC("lsm/sb_remount")
int BPF_PROG(guard_remount, struct super_block *filesystem, void *options, int earlier)
{
	struct embargo_guard_state *state = guard_state_now();
	struct mount *pins;

	if (earlier || !state || !state->closed)
		return earlier;
	pins = (void *)state->mounts[0];
	return BPF_CORE_READ(pins, mnt.mnt_sb) == filesystem ? refuse_mount() : 0;
}
