/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems by their magic number: what their inodes' times and change counters are worth. No
 * helper, no map: the kernel half and `check` share it. */
#ifndef EMBARGO_FILESYSTEM_H
#define EMBARGO_FILESYSTEM_H

#include "abi.h"

enum embargo_filesystem {
	/* tmpfs, FAT, the network...: a shared mapping, a fixed io_uring buffer or another host
	   changes bytes unseen */
	EMBARGO_FILESYSTEM_UNKNOWN,
	EMBARGO_FILESYSTEM_TRACKED, /* every change of content moves the stamp or shows a writer */
	EMBARGO_FILESYSTEM_IMAGE,   /* cannot be written at all; its ctimes are the image maker's */
	EMBARGO_FILESYSTEM_OVERLAY, /* as the file system beneath, where that one is known */
	EMBARGO_FILESYSTEM_FUSE,    /* a program may serve other bytes at each read, or none */
};

static inline enum embargo_filesystem embargo_filesystem_class(__u64 magic)
{
	switch (magic) {
	case 0xef53:	 /* ext2, ext3, ext4 */
	case 0x58465342: /* xfs */
	case 0x9123683e: /* btrfs */
	case 0xf2f52010: /* f2fs */
		return EMBARGO_FILESYSTEM_TRACKED;
	case 0x73717368: /* squashfs */
	case 0xe0f5e1e2: /* erofs */
	case 0x9660:	 /* iso9660 */
		return EMBARGO_FILESYSTEM_IMAGE;
	case 0x794c7630:
		return EMBARGO_FILESYSTEM_OVERLAY;
	case 0x65735546:
		return EMBARGO_FILESYSTEM_FUSE;
	default:
		return EMBARGO_FILESYSTEM_UNKNOWN;
	}
}

/*
 * Does a file's ctime there say when the file arrived? Not on an image: a delivery as a new image
 * brings old ctimes with it. Nor anywhere that is mounted read-only as a whole, for the same
 * reason.
 */
static inline int embargo_filesystem_dates_arrival(__u64 magic, int is_read_only)
{
	return embargo_filesystem_class(magic) == EMBARGO_FILESYSTEM_TRACKED && !is_read_only;
}

#endif
