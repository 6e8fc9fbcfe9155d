/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request, and the judgement upon it: plain values, in memory that a small BPF stack cannot
 * offer. */
#ifndef EMBARGO_REQUEST_H
#define EMBARGO_REQUEST_H

#include "decide.h"
#include "fold.h"

enum digest_state {
	DIGEST_NOT_WANTED, /* no rule of this scope can match: it was not computed */
	DIGEST_MISSING,	   /* ... but one of the generation that judges can: compute it first */
	DIGEST_SOUGHT,	   /* ... but some waiver may be one of it: compute it first */
	DIGEST_KNOWN,
	DIGEST_FAILED,	   /* it could not be had */
	DIGEST_EVADED,	   /* ... and the caller brought that about */
	DIGEST_UNLABELLED, /* the hook cannot sleep, and there is no label: nothing to go by */
	DIGEST_UNSEEN,	   /* the kernel takes the bytes from memory and shows them to nobody */
};

#define SCOPE_PATHS_ONLY 0 /* no digest is looked up, now or here */

struct request {
	__u64 size; /* bytes of the file or buffer */
	__u32 operation;
	__u32 scope;
	__u32 state; /* enum digest_state */
	__s32 error; /* why DIGEST_FAILED */
	struct embargo_digest digest;
};

struct mount;
struct dentry;
struct super_block;
struct list_head;

/* How a mount hangs in its tree. */
struct hold {
	struct mount *parent;
	struct dentry *mountpoint;
	struct dentry *root;
};

/* One view of a file: the names from the root of the namespace down to it, gathered from the leaf
 * up. */
struct view {
	struct mount *mount;
	struct dentry *dentry;
	struct hold hold;
	__u32 names;  /* gathered so far */
	__u32 step;   /* while matching: which name from the top */
	__u32 offset; /* ... and where in it */
	__u32 node;   /* ... and where in the tree of paths */
	__u32 whole;  /* the walk reached the root */
	struct dentry
		*name[EMBARGO_PATH_DEPTH]; /* the topmost ones: older entries are overwritten */
};

/*
 * A walk over the mounts of a superblock, with no lock held: a mount that has gone meanwhile leads
 * nowhere, or to another superblock.
 */
struct walk {
	struct super_block *sb;
	struct list_head *end; /* of a list; NULL where it is a chain */
	struct mount *next;
	__u32 lost;
};

/* A place in DER, all of it kernel addresses: what is still to be read, and the element read last.
 */
struct der {
	__u64 at;
	__u64 end;
	__u64 value;
	__u32 length; /* bytes at `value` */
	__u32 tag;
};

#define SIGNER_NAME_RAW 128 /* bytes of a common name as written; a longer one matches nothing */

/* Going through the signers of a module in a buffer. */
struct signing {
	__u64 buffer;
	__u64 size;
	struct der signers; /* the SignerInfos left */
	struct der name;    /* the parts of the issuer's name left */
	struct der part;    /* ... and of those that stand side by side in one */
	struct embargo_fold fold;
	char raw[SIGNER_NAME_RAW];
	struct embargo_signer_key key;	 /* what is looked up */
	struct embargo_signer_key whole; /* all that is known of the signer so far */
	struct embargo_signer_key found; /* the one that decided */
};

/* What a denial rests on, and which waivers may lift it. Timelines beyond the most are not kept:
 * then nothing lifts it. */
#define DENIED_MAX 16
#define WAIVED_MAX 8

struct denial {
	__u32 count;			   /* timelines that deny by themselves */
	__u32 sets;			   /* of waivers: more are left out */
	__u32 timeline[DENIED_MAX];	   /* ... */
	__u32 ground[DENIED_MAX];	   /* enum embargo_event_flag: what led to each */
	__u32 set[WAIVED_MAX];		   /* ... */
	struct embargo_waiver_set learned; /* what was learned of the digest */
};

/* Going through the parts of these timelines. */
struct settling {
	struct embargo_waiving waiving;
	struct embargo_decision part; /* by the part at hand alone */
	__u32 step;		      /* which timeline */
	__u32 at;		      /* which part; 0: the first of the next timeline */
	__u32 ground;
	__u32 policy;	     /* of the part at hand */
	__u32 waived_ground; /* of the denial that is to be told */
	__u32 rest_ground;
	__u32 is_lost;
};

/*
 * One judgement in the making, in a slot of the map `judgements`. Kernel objects are held by
 * address and read by probes. A slot is taken for the time of a judgement, in which nothing sleeps.
 */
struct judgement {
	__u32 taken;
	__u32 flags;	       /* enum embargo_event_flag */
	__u64 number;	       /* the generation asked */
	struct mount *mount;   /* of the file; NULL where there is none */
	struct dentry *dentry; /* ... */
	struct walk walk;      /* over the mounts of its superblock */
	struct request request;
	struct embargo_facts facts;
	struct embargo_decision decision;
	__u32 waiver;	    /* that let it through; 0: none */
	__u32 waivers_only; /* no path rule counts for this request: only waivers are looked for */
	struct denial denial;
	struct settling settling;
	union {
		struct view view;	/* of a file, for path rules */
		struct signing signing; /* of a module in a buffer, which has no path */
	};
};

/* For the judgements going on at one moment, those of preempted tasks included: one and a half MiB.
 * Running out is counted. */
#define JUDGEMENTS 1024

#endif
