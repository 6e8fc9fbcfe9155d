/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlay: the inode behind an overlay's file, and whether the overlay still knows that one's size.
 */
#ifndef EMBARGO_BPF_OVERLAY_H
#define EMBARGO_BPF_OVERLAY_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

#include "filesystem.h"

/*
 * struct ovl_inode holds `struct inode vfs_inode; struct dentry *__upperdentry;` side by side on
 * every kernel from 6.1 on, and `unsigned long flags` right before. The upper file, once there, is
 * what is read and run, also through a descriptor that was opened before the copy-up. With metacopy
 * its data is still the lower's: then the real inode is not known here, and there is no label.
 */
#define OVL_UPPERDATA 3 /* bit of `flags` */
#define OVERLAY_DEPTH 2 /* the kernel stacks no more, and only below */

static __always_inline bool inode_is_overlay(struct inode *inode)
{
	return embargo_filesystem_class(BPF_CORE_READ(inode, i_sb, s_magic)) ==
	       EMBARGO_FILESYSTEM_OVERLAY;
}

/* The open file of the lower layer behind the open @file of an overlay. */
static __always_inline struct file *overlay_lower(struct file *file)
{
	void *private = BPF_CORE_READ(file, private_data);

	if (overlay_private == OVERLAY_PRIVATE_OVL_FILE &&
	    bpf_probe_read_kernel(&private, sizeof(private), private))
		return NULL;
	return private;
}

/* The inode whose bytes @file has, where @inode is its inode of an overlay; NULL: not known. */
static __noinline struct inode *overlay_real(struct file *file, struct inode *inode)
{
	for (int i = 0; i < OVERLAY_DEPTH; i++) {
		struct dentry *upper = NULL;
		unsigned long flags = 0;

		if (bpf_probe_read_kernel(&upper, sizeof(upper),
					  (void *)inode + bpf_core_type_size(struct inode)) ||
		    bpf_probe_read_kernel(&flags, sizeof(flags), (void *)inode - sizeof(flags)))
			return NULL;
		if (upper) {
			if (!(flags & (1UL << OVL_UPPERDATA)))
				return NULL;
			inode = BPF_CORE_READ(upper, d_inode);
		} else {
			file = overlay_lower(file);
			inode = file ? BPF_CORE_READ(file, f_inode) : NULL;
		}
		if (!inode || (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
			return NULL;
		if (!inode_is_overlay(inode))
			return inode;
	}
	return NULL;
}

/*
 * How many bytes @file really has. An overlay's inode keeps the size that it found when it was
 * first looked up: who writes to the layer beneath makes that wrong, and an unprivileged user can
 * do so with an overlay of their own. What is read and run goes by the real one.
 */
static __noinline __u64 overlay_size(struct file *file, struct inode *inode)
{
	struct inode *real = overlay_real(file, inode);

	return BPF_CORE_READ(real ?: inode, i_size);
}

/* Was the overlay mounted by somebody who is root only in a user namespace of their own? */
static __always_inline bool overlay_is_users(struct inode *inode)
{
	return BPF_CORE_READ(inode, i_sb, s_user_ns, parent);
}

#endif
