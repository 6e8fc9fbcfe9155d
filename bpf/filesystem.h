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

/* ioctl(2) commands by type and number: how large their argument is differs for 32-bit programs. */
#define EMBARGO_IOCTL(type, number) ((type) << 8 | (number))
#define EMBARGO_IOCTL_MASK	    0xffff
#define EMBARGO_EXT4_MOVE_EXT	    EMBARGO_IOCTL('f', 15)
#define EMBARGO_XFS_SWAPEXT	    EMBARGO_IOCTL('X', 109)
#define EMBARGO_F2FS_MOVE_RANGE	    EMBARGO_IOCTL(0xf5, 9)
#define EMBARGO_F2FS_SEC_TRIM_FILE  EMBARGO_IOCTL(0xf5, 20)

/*
 * Can ioctl @command change bytes of a file there while its size, its times and its change counter
 * stay as they were? ext4's swaps blocks with a donor file, which is left with others; xfs moves
 * the counter, where it @counts_changes; f2fs moves blocks out of a file, or erases them.
 */
static inline int embargo_filesystem_hides_change(__u64 magic, int counts_changes, __u32 command)
{
	switch (command & EMBARGO_IOCTL_MASK) {
	case EMBARGO_EXT4_MOVE_EXT:
		return magic == 0xef53;
	case EMBARGO_XFS_SWAPEXT:
		return magic == 0x58465342 && !counts_changes;
	case EMBARGO_F2FS_MOVE_RANGE:
	case EMBARGO_F2FS_SEC_TRIM_FILE:
		return magic == 0xf2f52010;
	default:
		return 0;
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

/*
 * Does the kernel make up what is read there? Reading such a file may block, or do something: it
 * holds no content that could be listed, and who opens it is not asked. Others say SB_I_NOEXEC.
 */
static inline int embargo_filesystem_is_made_up(__u64 magic)
{
	switch (magic) {
	case 0x9fa0:	 /* proc */
	case 0x62656572: /* sysfs */
	case 0x64626720: /* debugfs */
	case 0x74726163: /* tracefs */
	case 0x73636673: /* securityfs */
	case 0xcafe4a11: /* bpf */
	case 0x27e0eb:	 /* cgroup */
	case 0x63677270: /* cgroup2 */
	case 0x62656570: /* configfs */
	case 0xde5e81e4: /* efivarfs */
	case 0x6165676c: /* pstore */
	case 0xf97cff8c: /* selinuxfs */
	case 0x5a3c69f0: /* apparmorfs */
	case 0x43415d53: /* smackfs */
	case 0x42494e4d: /* binfmt_misc */
	case 0x67596969: /* rpc_pipefs */
	case 0x6e667364: /* nfsd */
	case 0x65735543: /* fusectl */
	case 0x0a647361: /* functionfs: reading waits for a host on the other end of a cable */
	case 0x6e736673: /* nsfs */
		return 1;
	default:
		return 0;
	}
}

#endif
