/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels: when an inode's remembered digest still holds, and when one may be remembered at all. */
#ifndef EMBARGO_LABEL_H
#define EMBARGO_LABEL_H

#include "maps.h"

#include <bpf/bpf_core_read.h>

#include "clock.h"
#include "filesystem.h"

#define CTIME_NSEC_MASK 0x7fffffff /* bit 31 is a flag from 6.13 on, which a mere stat() sets */

/*
 * Without a change counter a label needs a ctime that is surely older than the clock's granule.
 * "Surely" means older than the error of our wall clock too: NTP moves the TAI offset by 37 s,
 * once.
 */
#define LABEL_AGE_NS 60000000000LL

static __always_inline void ctime_read(struct inode *inode, __s64 *sec, __u32 *nsec)
{
	if (bpf_core_field_exists(((struct inode___ctime_6_11 *)0)->i_ctime_sec)) {
		*sec = BPF_CORE_READ((struct inode___ctime_6_11 *)inode, i_ctime_sec);
		*nsec = BPF_CORE_READ((struct inode___ctime_6_11 *)inode, i_ctime_nsec);
	} else if (bpf_core_field_exists(((struct inode___ctime_6_6 *)0)->__i_ctime)) {
		*sec = BPF_CORE_READ((struct inode___ctime_6_6 *)inode, __i_ctime.tv_sec);
		*nsec = BPF_CORE_READ((struct inode___ctime_6_6 *)inode, __i_ctime.tv_nsec);
	} else {
		*sec = BPF_CORE_READ((struct inode___ctime_6_1 *)inode, i_ctime.tv_sec);
		*nsec = BPF_CORE_READ((struct inode___ctime_6_1 *)inode, i_ctime.tv_nsec);
	}
	*nsec &= CTIME_NSEC_MASK;
}

/* The same by direct loads, for an inode that the verifier knows: this is the warm path. */
static __always_inline void ctime_load(struct inode *inode, __s64 *sec, __u32 *nsec)
{
	if (bpf_core_field_exists(((struct inode___ctime_6_11 *)0)->i_ctime_sec)) {
		*sec = ((struct inode___ctime_6_11 *)inode)->i_ctime_sec;
		*nsec = ((struct inode___ctime_6_11 *)inode)->i_ctime_nsec;
	} else if (bpf_core_field_exists(((struct inode___ctime_6_6 *)0)->__i_ctime)) {
		*sec = ((struct inode___ctime_6_6 *)inode)->__i_ctime.tv_sec;
		*nsec = ((struct inode___ctime_6_6 *)inode)->__i_ctime.tv_nsec;
	} else {
		*sec = ((struct inode___ctime_6_1 *)inode)->i_ctime.tv_sec;
		*nsec = ((struct inode___ctime_6_1 *)inode)->i_ctime.tv_nsec;
	}
	*nsec &= CTIME_NSEC_MASK;
}

/* What a label says of its digest. */
enum label_look {
	LABEL_LISTED,
	LABEL_UNLISTED,
	LABEL_REMEMBERS, /* that it is unlisted, and that the file was told of */
};

static __always_inline void stamp_load(struct inode *inode, struct stamp *stamp)
{
	ctime_load(inode, &stamp->ctime_sec, &stamp->ctime_nsec);
	stamp->size = inode->i_size;
	stamp->version = (__u64)inode->i_version.counter >> 1;
}

static __always_inline void stamp_probe(struct inode *inode, struct stamp *stamp)
{
	ctime_read(inode, &stamp->ctime_sec, &stamp->ctime_nsec);
	stamp->size = BPF_CORE_READ(inode, i_size);
	stamp->version = (__u64)BPF_CORE_READ(inode, i_version.counter) >> 1;
}

static __always_inline bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->size == b->size && a->ctime_sec == b->ctime_sec &&
	       a->ctime_nsec == b->ctime_nsec && a->version == b->version;
}

static __always_inline void overlay_key(struct inode *real, struct overlay_label_key *key)
{
	key->address = (__u64)real;
	key->inode = BPF_CORE_READ(real, i_ino);
	key->device = BPF_CORE_READ(real, i_sb, s_dev);
	key->mounted = mounted[mounted_slot(key->device)];
	key->generation = BPF_CORE_READ(real, i_generation);
}

/*
 * How many of the writers of its inode @file is: one that is being opened has written nothing yet.
 */
static __always_inline int own_writers(struct file *file)
{
#ifdef JUDGES_OPEN
	return !!(file->f_mode & FMODE_WRITE);
#else
	return 0;
#endif
}

/* The label of the real inode @real, where it holds, as nobody writes but @own: copied out, since
 * an evicted one is reused at once. */
static __noinline bool overlay_label_get(struct inode *real, int own, struct embargo_digest *digest)
{
	struct overlay_label_key key = {};
	struct stamp now = {};
	struct label *label;

	overlay_key(real, &key);
	label = bpf_map_lookup_elem(&overlay_labels, &key);
	if (!label || BPF_CORE_READ(real, i_writecount.counter) > own)
		return false;
	stamp_probe(real, &now);
	if (!stamp_equal(&label->stamp, &now))
		return false;
	*digest = label->digest;
	return stamp_equal(&label->stamp, &now);
}

/* The label on @inode, or NULL where there is none or it no longer holds: also where somebody
 * writes, other than @own. */
static __always_inline struct label *label_get(struct inode *inode, int own)
{
	struct label *label = bpf_inode_storage_get(&labels, inode, 0, 0);
	struct stamp now;

	if (!label || inode->i_writecount.counter > own)
		return NULL;
	stamp_load(inode, &now);
	return stamp_equal(&label->stamp, &now) ? label : NULL;
}

#if !defined(MAY_SLEEP) && !defined(JUDGES_OPEN)
/*
 * The digest that @inode was last seen to hold, though the stamp has moved since: unlink(2) and
 * chmod(2) move it too. Only for a hook that cannot hash. False where there is none, or the size is
 * another.
 */
static __noinline bool label_last(struct inode *inode, struct embargo_digest *digest)
{
	struct label *label = bpf_inode_storage_get(&labels, inode, 0, 0);
	struct overlay_label_key key = {};

	if (!label) {
		overlay_key(inode, &key);
		label = bpf_map_lookup_elem(&overlay_labels, &key);
	}
	if (!label || !digest || label->stamp.size != (__u64)inode->i_size)
		return false;
	*digest = label->digest;
	return true;
}
#endif

#ifdef MAY_SLEEP
/* What is seen of an inode before it is hashed, besides its stamp. */
enum sight {
	SIGHT_WRITER = 1 << 0,	/* a write moves the stamp when it begins; its bytes come later */
	SIGHT_COUNTED = 1 << 1, /* somebody asked for the next change to be counted */
};

/* The stamp first: who opens it for writing after that has still to move it. */
static __always_inline __u32 stamp_sight(struct inode *inode, struct stamp *stamp)
{
	__u32 seen = 0;

	stamp_probe(inode, stamp);
	if (BPF_CORE_READ(inode, i_writecount.counter) > 0)
		seen |= SIGHT_WRITER;
	if (BPF_CORE_READ(inode, i_version.counter) & 1)
		seen |= SIGHT_COUNTED;
	return seen;
}

/*
 * May what was hashed between @before and now be remembered for the inode at @address? Nothing
 * moved, nobody wrote then or writes now, and the next change is bound to show: because the file
 * system counts changes (bit 0) and was asked to before the first byte was read, because the image
 * cannot be written, or because the ctime is older than the clock's granule.
 */
VERIFIED_ONCE int stamp_lasts(__u64 address, const struct stamp *before, __u32 seen)
{
	struct inode *inode = (void *)address;
	enum embargo_filesystem kind =
		embargo_filesystem_class(BPF_CORE_READ(inode, i_sb, s_magic));
	struct stamp now = {};

	if (!before || (seen & SIGHT_WRITER))
		return false;
	stamp_probe(inode, &now);
	if (!stamp_equal(before, &now) || BPF_CORE_READ(inode, i_writecount.counter) > 0)
		return false;
	if (kind == EMBARGO_FILESYSTEM_IMAGE)
		return true;
	if (kind != EMBARGO_FILESYSTEM_TRACKED)
		return false;
	if ((BPF_CORE_READ(inode, i_sb, s_flags) & SB_I_VERSION) && (seen & SIGHT_COUNTED) &&
	    (BPF_CORE_READ(inode, i_version.counter) & 1))
		return true;
	return clock_wall() - (now.ctime_sec * 1000000000LL + now.ctime_nsec) > LABEL_AGE_NS;
}

static __always_inline void label_keep(struct inode *inode, const struct label *label)
{
	bpf_inode_storage_delete(&labels, inode);
	bpf_inode_storage_get(&labels, inode, (void *)label, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __noinline void overlay_label_keep(struct inode *real, const struct label *label)
{
	struct overlay_label_key key = {};

	overlay_key(real, &key);
	bpf_map_update_elem(&overlay_labels, &key, label, BPF_ANY);
}

#endif

#endif
