/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts: whose they are, where they hang, which a superblock has; and what is remembered of that.
 */
#ifndef EMBARGO_MOUNTS_H
#define EMBARGO_MOUNTS_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

#include "request.h"

/* Mounts of one superblock looked at to find those of the initial namespace. */
#define WALK_MAX 65536

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

#endif
