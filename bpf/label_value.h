/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of a label: a content's digest and the stamp under which that holds. Never a rule, never
 * a verdict. */
#ifndef EMBARGO_LABEL_VALUE_H
#define EMBARGO_LABEL_VALUE_H

#include "abi.h"

/*
 * What an inode looked like; while it looks like that and has no writer, its content is the same.
 * Which inode that is, the label's place says: the kernel frees it with the inode, and on overlay
 * the key names it.
 */
struct stamp {
	__u64 size;
	__s64 ctime_sec;
	__u64 version; /* i_version without its flag bit */
	__u32 ctime_nsec;
	__u32 reserved;
};

/*
 * A label is replaced whole; only `unlisted` is written in place. The digest stands before the
 * stamp: where the memory of an evicted label is filled again under a reader, the reader sees the
 * new stamp only with the new digest.
 *
 * `unlisted` spares the next look-up of the digest: it says in which generation the digest was
 * found on no list, how much had been learned then, and under which key of sightings the file was
 * told of. It is all of these and the digest in one word, so that a late writer who puts it into
 * memory that has become another file's label has not cleared that file.
 */
struct label {
	struct embargo_digest digest;
	struct stamp stamp;
	__u64 unlisted; /* label_unlisted() */
};

static inline __u64 label_unlisted(const struct embargo_digest *digest, __u64 epoch, __u64 key)
{
	return *(const __u64 *)digest->bytes ^ epoch ^ key;
}

/*
 * On overlay a label belongs to the real inode, which a program can name but not hold: address and
 * identity, as of the last mount of anything on that device.
 */
struct overlay_label_key {
	__u64 address;
	__u64 inode;
	__u64 mounted;
	__u32 device;
	__u32 generation;
};

#define OVERLAY_LABELS 16384 /* at 152 bytes each: about 2.4 MiB */

#endif
