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

/* The open file of the lower layer behind an overlay's open file, of which @private is the
 * private_data. */
static __always_inline struct file *overlay_lower(void *private)
{
	if (overlay_private == OVERLAY_PRIVATE_OVL_FILE &&
	    bpf_probe_read_kernel(&private, sizeof(private), private))
		return NULL;
	return private;
}

/*
 * The address of the inode whose bytes an open file of an overlay has; 0: not known. @opened is the
 * file's private_data, @overlaid the address of its inode.
 */
VERIFIED_ONCE __u64 overlay_real(__u64 opened, __u64 overlaid)
{
	struct inode *inode = (void *)overlaid;
	void *private = (void *)opened;

	for (int i = 0; i < OVERLAY_DEPTH; i++) {
		struct dentry *upper = NULL;
		unsigned long flags = 0;

		if (bpf_probe_read_kernel(&upper, sizeof(upper),
					  (void *)inode + bpf_core_type_size(struct inode)) ||
		    bpf_probe_read_kernel(&flags, sizeof(flags), (void *)inode - sizeof(flags)))
			return 0;
		if (upper) {
			if (!(flags & (1UL << OVL_UPPERDATA)))
				return 0;
			inode = BPF_CORE_READ(upper, d_inode);
		} else {
			struct file *file = overlay_lower(private);

			inode = file ? BPF_CORE_READ(file, f_inode) : NULL;
			private = file ? BPF_CORE_READ(file, private_data) : NULL;
		}
		if (!inode || (BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
			return 0;
		if (!inode_is_overlay(inode))
			return (__u64)inode;
	}
	return 0;
}

/* The inode whose bytes @file, of an overlay, has; NULL: not known. */
static __always_inline struct inode *file_real_inode(struct file *file)
{
	return (void *)overlay_real((__u64)BPF_CORE_READ(file, private_data), inode_address(file));
}

/*
 * How many bytes @file really has. An overlay's inode keeps the size that it found when it was
 * first looked up: who writes to the layer beneath makes that wrong, and an unprivileged user can
 * do so with an overlay of their own. What is read and run goes by the real one.
 */
static __noinline __u64 overlay_size(struct file *file, struct inode *inode)
{
	struct inode *real = file_real_inode(file);

	return BPF_CORE_READ(real ?: inode, i_size);
}

/* Was the overlay mounted by somebody who is root only in a user namespace of their own? */
static __always_inline bool overlay_is_users(struct inode *inode)
{
	return BPF_CORE_READ(inode, i_sb, s_user_ns, parent);
}

#endif
