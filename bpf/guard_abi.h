/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crosses between kernel and user space of the guard: its state, what it guards, what it
 * refused. */
#ifndef EMBARGO_GUARD_ABI_H
#define EMBARGO_GUARD_ABI_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* As the settings and `status` have it; ON may be opened by a token, LOCKED by none. */
enum embargo_guard_mode {
	EMBARGO_GUARD_UNKNOWN,
	EMBARGO_GUARD_OFF,
	EMBARGO_GUARD_ON,
	EMBARGO_GUARD_LOCKED,
	EMBARGO_GUARD_MODES,
};

/* A place that is guarded by name, since what lies there is replaced. */
enum embargo_guard_place {
	EMBARGO_GUARD_NOWHERE,
	EMBARGO_GUARD_PINS,  /* nothing in it is made, changed or taken away, nor one folder deeper
			      */
	EMBARGO_GUARD_FILES, /* what is in it is neither changed nor taken away; more may come */
	EMBARGO_GUARD_ABOVE, /* a folder above one of these: it keeps its name */
};

/*
 * A folder. Its own number and its parent's, as well as the number's generation: a file system may
 * have several trees, each with numbers of its own. On btrfs a snapshot has even these from what it
 * was taken of; there the tree's own number tells them apart.
 */
struct embargo_guard_folder {
	__u64 inode;
	__u64 parent;
	__u64 tree; /* 0 on other file systems, and where the kernel does not tell of btrfs's types
		     */
	__u32 device;
	__u32 generation;
};

/* More folders than are guarded: two of pins with their parts, two of files with theirs, and those
 * above. */
#define EMBARGO_GUARD_FOLDERS 64

/* Maps and programs by what kind they are of and by their number; the value is enum
 * embargo_guard_use. */
struct embargo_guard_object {
	__u32 is_program;
	__u32 id;
};

#define EMBARGO_GUARD_OBJECTS 256

/* Maps that the daemon's tree has made and the kernel has not freed: ten for each generation, and
 * the kernel takes its time. */
#define EMBARGO_GUARD_MADE 1024

enum embargo_guard_use {
	EMBARGO_GUARD_NONE,
	EMBARGO_GUARD_OURS,	/* nobody else gets a descriptor */
	EMBARGO_GUARD_READABLE, /* ... but to read: nothing in force rests on what is in it */
};

/* What the tokens of this boot leave behind. */
struct embargo_guard_tokens {
	__s64 base;  /* their clock: this and CLOCK_BOOTTIME, ns since 1970; it never falls */
	__s64 until; /* the latest end of one that opened the guard; 0: none has */
};

/* One value (map `guard_state`), which only the daemon's tree may write. */
struct embargo_guard_state {
	__u64 open_until; /* CLOCK_BOOTTIME, ns: till then everything passes, where it may be
			     opened */
	__u64 mounts[2];  /* addresses of the mounts of the pins' file system: the host's, and the
			     daemon's own where it lives in a namespace of its own */
	struct embargo_guard_tokens tokens;
	__u64 init_inode; /* of the program that PID 1 ran when the guard closed */
	__u32 init_device;
	__u32 mode;   /* enum embargo_guard_mode */
	__u32 closed; /* 0: not yet, and nothing is refused */
	__u32 reserved;
};

/*
 * The same for whoever may look (map `guard_view`): the programs never read it, so nothing rests on
 * it, and it can be given to anybody to read.
 */
struct embargo_guard_shown {
	__u64 open_until;
	__u32 mode;
	__u32 closed;
	char ticket[64]; /* of the token that opened it last */
};

/* What was refused, for status and the journal (map `guard_refusals`, a value for each of these).
 */
enum embargo_guard_refused {
	EMBARGO_GUARD_REFUSED_UNKNOWN,
	EMBARGO_GUARD_REFUSED_MAP,
	EMBARGO_GUARD_REFUSED_PROGRAM,
	EMBARGO_GUARD_REFUSED_PIN,
	EMBARGO_GUARD_REFUSED_FILE,
	EMBARGO_GUARD_REFUSED_MOUNT,
	EMBARGO_GUARD_REFUSED_SIGNAL,
	EMBARGO_GUARD_REFUSED_TRACE,
	EMBARGO_GUARD_REFUSED_TRACING, /* the sysctl that would take all programs off their hooks */
	EMBARGO_GUARD_REFUSED_COUNT,
};

struct embargo_guard_refusal {
	__u64 count;
	__u64 last; /* CLOCK_BOOTTIME, ns */
	__u32 pid;  /* of the last one */
	__u32 uid;
	char comm[16];
};

/* What the loader asks of the kernel half about what it alone sees (program `guard_look`). */
enum embargo_guard_ask {
	EMBARGO_GUARD_ASK_FOLDER, /* guard the folder open as @fd as @place */
	EMBARGO_GUARD_ASK_MOUNTS, /* find the mounts of what is open as @fd, and PID 1's program */
};

struct embargo_guard_question {
	__u32 ask;
	__u32 fd;
	__u32 place;
	__u32 namespace; /* inode number of the host's mount namespace */
};

#endif
