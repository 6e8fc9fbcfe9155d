/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps and constants of the kernel half, declared for every unit; maps.bpf.c defines them. */
#ifndef EMBARGO_MAPS_H
#define EMBARGO_MAPS_H

#include "kernel.h"

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>

#include "abi.h"
#include "label_value.h"
#include "request.h"

/*
 * The tables of a generation. Each outer map has two slots, one inner map in each; generation N
 * lives in slot N & 1. Inner maps are filled, frozen, and never touched again, by no program
 * either; the templates below only show their form.
 */
#define TABLE_FLAGS BPF_F_RDONLY_PROG

struct digests_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, TABLE_FLAGS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct embargo_digest));
	__uint(value_size, sizeof(struct embargo_listed));
};

struct sizes_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, TABLE_FLAGS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(__u32));
};

struct paths_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, TABLE_FLAGS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct embargo_path_key));
	__uint(value_size, sizeof(struct embargo_path_node));
};

struct signers_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, TABLE_FLAGS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct embargo_signer_key));
	__uint(value_size, sizeof(struct embargo_named_signer));
};

struct timelines_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TABLE_FLAGS | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_timeline));
};

struct reasons_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TABLE_FLAGS | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_reason));
};

/* Digests that waivers name, and their sets. */
struct waived_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, TABLE_FLAGS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct embargo_digest));
	__uint(value_size, sizeof(__u32));
};

struct waiver_sets_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TABLE_FLAGS | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_waiver_set));
};

struct waivers_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TABLE_FLAGS | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_permit));
};

struct parts_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, TABLE_FLAGS | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_part));
};

#define TWO_SLOTS_OF(table)                               \
	{                                                 \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); \
		__uint(max_entries, 2);                   \
		__uint(key_size, sizeof(__u32));          \
		__array(values, table);                   \
	}

struct digests_slots TWO_SLOTS_OF(struct digests_table);
struct sizes_slots TWO_SLOTS_OF(struct sizes_table);
struct paths_slots TWO_SLOTS_OF(struct paths_table);
struct signers_slots TWO_SLOTS_OF(struct signers_table);
struct timelines_slots TWO_SLOTS_OF(struct timelines_table);
struct reasons_slots TWO_SLOTS_OF(struct reasons_table);
struct waived_slots TWO_SLOTS_OF(struct waived_table);
struct waiver_sets_slots TWO_SLOTS_OF(struct waiver_sets_table);
struct waivers_slots TWO_SLOTS_OF(struct waivers_table);
struct parts_slots TWO_SLOTS_OF(struct parts_table);

struct learned_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, EMBARGO_LEARNED_MAX);
	__uint(key_size, sizeof(struct embargo_digest));
	__uint(value_size, sizeof(struct embargo_learned_digest));
};

struct learned_sizes_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, EMBARGO_LEARNED_MAX);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct embargo_learned_size));
};

struct clock_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_clock));
};

struct notes_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_notes));
};

struct labels_storage {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct label);
};

struct overlay_labels_hash {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, OVERLAY_LABELS);
	__uint(key_size, sizeof(struct overlay_label_key));
	__uint(value_size, sizeof(struct label));
};

struct events_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EMBARGO_EVENT_RING);
};

struct sightings_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EMBARGO_SIGHTING_RING);
};

struct recent_hash {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, EMBARGO_COALESCE_MAX);
	__uint(key_size, sizeof(struct embargo_recent_key));
	__uint(value_size, sizeof(struct embargo_recent));
};

struct judgements_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, JUDGEMENTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct judgement));
};

struct probe_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct embargo_probe));
};

struct openers_storage {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct embargo_opener);
};

extern struct digests_slots digests SEC(".maps");
extern struct sizes_slots sizes SEC(".maps");
extern struct paths_slots paths SEC(".maps");
extern struct signers_slots signers SEC(".maps");
extern struct timelines_slots timelines SEC(".maps");
extern struct reasons_slots reasons SEC(".maps");
extern struct waived_slots waived SEC(".maps");
extern struct waiver_sets_slots waiver_sets SEC(".maps");
extern struct waivers_slots waivers SEC(".maps");
extern struct parts_slots parts SEC(".maps");
extern struct learned_hash learned SEC(".maps");
extern struct learned_sizes_hash learned_sizes SEC(".maps");
extern struct clock_array clock SEC(".maps");
extern struct notes_array notes SEC(".maps");
extern struct labels_storage labels SEC(".maps");
extern struct overlay_labels_hash overlay_labels SEC(".maps");
extern struct events_ring events SEC(".maps");
extern struct sightings_ring sightings SEC(".maps");
extern struct recent_hash recent SEC(".maps");
extern struct judgements_array judgements SEC(".maps");
extern struct probe_array probe SEC(".maps");
extern struct openers_storage openers SEC(".maps");

/* Where overlay keeps the real file of an open one: `struct file` itself up to 6.12, `struct
 * ovl_file` since. */
enum overlay_private {
	OVERLAY_PRIVATE_FILE,
	OVERLAY_PRIVATE_OVL_FILE,
};

/* What the loader knows of this kernel and this boot: constant once the programs are loaded. */

/* The inode number of the initial mount namespace. */
extern const volatile __u32 host_mount_namespace;
/* enum overlay_private */
extern const volatile __u32 overlay_private;
/* IMA asks the real inode beneath overlay to count changes; before, it asked overlay's own. */
extern const volatile __u32 overlay_counted;
/* This kernel decompresses modules without showing us the result, and takes them from memory. */
extern const volatile __u32 hand_back_compressed;
/* The address of IMA's policy flag; 0 where unknown. */
extern const volatile __u64 ima_policy_flag;
/* Where that is unknown: IMA had a policy when the programs were loaded. */
extern const volatile __u32 ima_policy_assumed;

/*
 * How often file systems of a device number have been mounted; numbers share slots, and then their
 * files' labels are made anew in vain.
 */
#define MOUNTED_SLOTS 256

extern volatile __u64 mounted[MOUNTED_SLOTS];

static __always_inline __u32 mounted_slot(__u32 device)
{
	return device % MOUNTED_SLOTS;
}

/* The number of the generation in force: the one word that a reload flips. 0: none yet. */
extern volatile __u64 current_generation;

extern struct embargo_generation generations[2];
extern struct embargo_counters counters[EMBARGO_COUNTER_CPUS];

/*
 * Where a mount of the initial namespace hangs: see mount_mark(), superblock_mark(). The root hangs
 * nowhere: point and root are 0.
 */
enum host_mount {
	HOST_MOUNT_POINT, /* the dentry that it is mounted on */
	HOST_MOUNT_ROOT,  /* the root of the mount above, on which that lies */
	HOST_MOUNT_SEAL,  /* host_mount_seal() */
	HOST_MOUNT_WORDS,
};

#define HOST_MOUNTS_BITS 8

/* The address of the initial mount namespace, once met: it is there as long as the host is up. */
extern volatile __u64 host_namespace;

extern volatile __u64 host_mounts[1 << HOST_MOUNTS_BITS][HOST_MOUNT_WORDS];

/*
 * Which files were seen lately: one word each, of all that their next change would change, in one
 * of four places by the address of the inode. Some hundred KiB: a host executes and maps some
 * thousand files.
 */
#define SEEN_BITS 14
#define SEEN_WAYS 4

extern volatile __u64 seen[1 << SEEN_BITS];

/*
 * Nobody knows it, so nobody makes a file that has the word of another; a new one forgets all that
 * was seen. Each generation has its own, as it has its own rules; 0: none of them looks into files.
 */
extern volatile __u64 sight_key;

/* The address of @file's inode as a number, which is what a function VERIFIED_ONCE takes. */
static __always_inline __u64 inode_address(struct file *file)
{
	return (__u64)BPF_CORE_READ(file, f_inode);
}

/* This CPU's counters. */
static __always_inline struct embargo_counters *counters_row(void)
{
	return &counters[bpf_get_smp_processor_id() % EMBARGO_COUNTER_CPUS];
}

static __always_inline void count_in(struct embargo_counters *row, enum embargo_counter which)
{
	__sync_fetch_and_add(&row->value[which], 1);
}

static __always_inline void count(enum embargo_counter which)
{
	count_in(counters_row(), which);
}

#define GENERATION_TRIES 8 /* each needs two whole reloads between two look-ups */

/* The head of generation @number, or NULL where it has gone. */
static __always_inline struct embargo_generation *generation_head(__u64 number)
{
	struct embargo_generation *head = &generations[number & 1];

	return number && *(volatile __u64 *)&head->number == number ? head : NULL;
}

/*
 * The head of the generation in force, whose number goes to @number; NULL: there is none yet. A
 * slow reader finds it gone where two reloads came in between: then there is a newer one.
 */
static __always_inline struct embargo_generation *generation_current(__u64 *number)
{
	struct embargo_generation *head;

	for (int i = 0; i < GENERATION_TRIES; i++) {
		*number = current_generation;
		if (!*number)
			return NULL;
		head = generation_head(*number);
		if (head)
			return head;
	}
	return NULL;
}

/* One look-up in generation @number; NULL where the table or the entry is missing. */
#define table_find(outer, number, key)                                   \
	({                                                               \
		__u32 slot_ = (number)&1;                                \
		void *table_ = bpf_map_lookup_elem(&(outer), &slot_);    \
		table_ ? bpf_map_lookup_elem(table_, (key)) : (void *)0; \
	})

#endif
