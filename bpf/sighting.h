/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sightings: a file is executed, or mapped to be, that was not seen since its content last changed.
 * Who classifies files is told. What moves no ctime (a shared mapping on tmpfs, a write to the
 * layer beneath an overlay) shows no change.
 */
#ifndef EMBARGO_BPF_SIGHTING_H
#define EMBARGO_BPF_SIGHTING_H

#include "event.h"
#include "label.h"
#include "mounts.h"

/* The file as it is now. */
struct glance {
	__u64 word;
	__u32 place; /* in `seen`; the others are beside it */
};

/*
 * Each step can be undone, so that a change of one thing alone always shows; against a change of
 * several at a time stands that nobody knows the key.
 */
static __always_inline void glance_take(struct inode *inode, __u64 key, struct glance *glance)
{
	__u64 mix = embargo_filter_mix(pointer_distance(inode) ^ key);
	__u32 nsec;
	__s64 sec;

	ctime_load(inode, &sec, &nsec);
	glance->place = mix >> (64 - SEEN_BITS);
	barrier_var(glance->place); /* the verifier sees the bound where it is used */
	mix = embargo_filter_mix(mix ^ (__u64)sec << 30 ^ nsec);
	glance->word = embargo_filter_mix(mix ^ inode->i_size);
}

static __always_inline __s64 sighting_time(void)
{
	bool behind;

	return clock_now(&behind);
}

/* Sends a record of the form that holds @room bytes of path, a constant; -1 where the path needs a
 * longer one. */
static __always_inline int sighting_send(struct file *file, __u32 operation, const __u32 room)
{
	struct embargo_sighting *sighting =
		bpf_ringbuf_reserve(&sightings, sizeof(*sighting) + room, 0);
	struct inode *inode = file->f_inode;
	long length;
	__u32 nsec;
	__s64 sec;

	if (!sighting) {
		count(EMBARGO_COUNTER_LOST_SIGHTINGS);
		return 0;
	}
	length = event_path(file, sighting->path, room);
	if (length < 0 && room < EMBARGO_PATH_LONG) {
		bpf_ringbuf_discard(sighting, BPF_RB_NO_WAKEUP);
		return -1;
	}
	ctime_load(inode, &sec, &nsec);
	sighting->time = sighting_time();
	sighting->ctime = sec * 1000000000LL + nsec;
	sighting->size = inode->i_size;
	sighting->inode = inode->i_ino;
	sighting->device = inode->i_sb->s_dev;
	sighting->pid = bpf_get_current_pid_tgid() >> 32;
	sighting->operation = operation;
	sighting->path_length = length > 0 ? length - 1 : 0;
	if (length <= 0)
		sighting->path[0] = 0;
	bpf_ringbuf_submit(sighting, 0);
	return 0;
}

/* Out of line: it is in another of its places, or it is told and takes its place. What was there
 * goes to one of the others, by chance, so that no files push each other out for ever. */
static __noinline int sighting_tell(struct file *file, __u64 key, __u32 operation)
{
	struct inode *inode = file->f_inode;
	struct glance glance;
	__u32 other;

	if ((inode->i_mode & S_IFMT) != S_IFREG)
		return 0;
	glance_take(inode, key, &glance);
	for (__u32 i = 1; i < SEEN_WAYS; i++) {
		other = glance.place ^ i;
		barrier_var(other);
		if (seen[other % (1 << SEEN_BITS)] == glance.word)
			return 0;
	}
	if (sighting_send(file, operation, EMBARGO_PATH_SHORT) < 0)
		sighting_send(file, operation, EMBARGO_PATH_LONG);
	other = glance.place ^ (1 + bpf_get_prandom_u32() % (SEEN_WAYS - 1));
	barrier_var(other);
	seen[other % (1 << SEEN_BITS)] = seen[glance.place % (1 << SEEN_BITS)];
	seen[glance.place % (1 << SEEN_BITS)] = glance.word;
	return 0;
}

/* The warm path: no rules are in force that want to hear of files (their generation has no key), or
 * there is nothing to tell. */
static __always_inline void sighting_look(struct file *file, struct inode *inode, __u32 operation)
{
	__u64 key = sight_key;
	struct glance glance;

	if (!key)
		return;
	glance_take(inode, key, &glance);
	if (seen[glance.place % (1 << SEEN_BITS)] != glance.word)
		sighting_tell(file, key, operation);
}

#endif
