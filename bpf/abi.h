/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crosses between kernel and user space: every struct, bound and pin name of the policy maps.
 */
#ifndef EMBARGO_ABI_H
#define EMBARGO_ABI_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define EMBARGO_PIN_ROOT "/sys/fs/bpf"
#define EMBARGO_PIN_DIR	 EMBARGO_PIN_ROOT "/embargo"

/*
 * A section of this name and more is a map of one value, all that is in the section, and pinned by
 * what follows here: ".data.current" as "current". Programs reach into it without a look-up.
 */
#define EMBARGO_DATA_SECTION ".data."

/* What somebody asks the kernel to do with a file. */
enum embargo_operation {
	EMBARGO_OPERATION_UNKNOWN,
	EMBARGO_OPERATION_EXEC,
	EMBARGO_OPERATION_MAP,
	EMBARGO_OPERATION_OPEN,
	EMBARGO_OPERATION_MODULE,
	EMBARGO_OPERATION_FIRMWARE,
	EMBARGO_OPERATION_KEXEC,
	EMBARGO_OPERATION_COUNT,
};

/* What a stage asks for, from mildest to strictest: the order is the comparison. */
enum embargo_action {
	EMBARGO_ACTION_UNKNOWN,
	EMBARGO_ACTION_OFF,
	EMBARGO_ACTION_AUDIT,
	EMBARGO_ACTION_DENY_NEW,
	EMBARGO_ACTION_DENY,
	EMBARGO_ACTION_COUNT,
};

/* What one request gets, from mildest to strictest. */
enum embargo_verdict {
	EMBARGO_VERDICT_UNKNOWN,
	EMBARGO_VERDICT_ALLOW,
	EMBARGO_VERDICT_AUDIT,
	EMBARGO_VERDICT_DENY,
	EMBARGO_VERDICT_COUNT,
};

/*
 * Where a digest is looked up. A list's `of:` and whether its digests carry sizes decide the scopes
 * of each digest; a request has exactly one. EXEC is split by the first bytes of the file.
 */
enum embargo_scope {
	EMBARGO_SCOPE_EXEC_ELF = 1 << 0,
	EMBARGO_SCOPE_EXEC_PE = 1 << 1,
	EMBARGO_SCOPE_EXEC_SCRIPT = 1 << 2,
	EMBARGO_SCOPE_EXEC_OTHER = 1 << 3,
	EMBARGO_SCOPE_MAP_EXEC = 1 << 4, /* a mapping with PROT_EXEC */
	EMBARGO_SCOPE_MAP_DATA =
		1 << 5, /* any other mapping: it may turn executable; sized digests only */
	EMBARGO_SCOPE_MODULE = 1 << 6,
	EMBARGO_SCOPE_FIRMWARE = 1 << 7,
	EMBARGO_SCOPE_KEXEC = 1 << 8,
	EMBARGO_SCOPE_OPEN = 1 << 9, /* opened to be read: rules that reach so far */
};

#define EMBARGO_SCOPES_EXEC                                                           \
	(EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPE_EXEC_PE | EMBARGO_SCOPE_EXEC_SCRIPT | \
	 EMBARGO_SCOPE_EXEC_OTHER)
#define EMBARGO_SCOPES_MAP (EMBARGO_SCOPE_MAP_EXEC | EMBARGO_SCOPE_MAP_DATA)

#define EMBARGO_SHA256_SIZE 32

/* Bytes of a module in a buffer, which the kernel half hashes itself, four times slower than the
 * kernel would; a larger one has no digest. */
#define EMBARGO_BUFFER_MAX (64 << 20)

/* A digest and what the current generation knows of it (map `digests`). */
struct embargo_digest {
	__u8 bytes[EMBARGO_SHA256_SIZE] __attribute__((aligned(8)));
};

struct embargo_listed {
	__u32 timeline; /* index into `timelines`; 0 is none */
	__u32 scopes;
	__u32 opens; /* timeline of those of its rules that reach: open; 0 is none */
};

/*
 * Path rules are a tree of components, held in one hash map (`paths`). Each component is cut into
 * chunks of 32 bytes, zero-padded; only its last chunk has `last` set. Keys hold the bytes
 * themselves, so no hash collision can refuse a file that nobody listed. The root is node 0;
 * "/opt/kaspersky/" is (0,"opt") -> n1, (n1,"kaspersky") -> n2 with `below` set. Node numbers count
 * from 1.
 */
#define EMBARGO_PATH_CHUNK 32
#define EMBARGO_PATH_DEPTH \
	32 /* components of a rule's path: an array of that many pointers fits the BPF stack */

struct embargo_path_key {
	__u32 node;
	__u16 length; /* bytes used in this chunk, 1..32 */
	__u16 last;   /* 1: the component ends here */
	char bytes[EMBARGO_PATH_CHUNK];
};

struct embargo_path_node {
	__u32 node;	    /* what follows hangs under this number */
	__u32 below;	    /* timeline for everything below this directory; 0 is none */
	__u32 exact;	    /* timeline for this very file; 0 is none */
	__u32 waived_below; /* set of waivers for everything below; 0 is none */
	__u32 waived_exact; /* set of waivers for this very file; 0 is none */
	__u32 opens_below;  /* as `below`, of rules that reach: open */
	__u32 opens_exact;  /* as `exact`, of rules that reach: open */
};

/*
 * Signers of kernel modules (map `signers`): what a SignerInfo says of the key, by any of the
 * combinations of parts that rules use. A key holds just the parts in `parts`, zeros elsewhere.
 */
enum embargo_signer_part {
	EMBARGO_SIGNER_ISSUER_CN = 1 << 0,
	EMBARGO_SIGNER_SERIAL = 1 << 1,
	EMBARGO_SIGNER_KEY_ID = 1 << 2,
};

/* X.520 ends a common name at 64 characters. RFC 5280 ends a serial at 20 bytes; a key id is
 * usually a SHA-1, and may be a SHA-256. */
#define EMBARGO_SIGNER_CN_SIZE	   64
#define EMBARGO_SIGNER_NUMBER_SIZE 32

struct embargo_signer_key {
	__u8 parts;	    /* enum embargo_signer_part: CN, SERIAL, both, or KEY_ID alone */
	__u8 cn_length;	    /* bytes */
	__u8 number_length; /* bytes */
	__u8 reserved[5];
	char issuer_cn[EMBARGO_SIGNER_CN_SIZE];	 /* folded: see fold.h */
	__u8 number[EMBARGO_SIGNER_NUMBER_SIZE]; /* serial or key id, without leading zeros */
};

/* What the generation knows of a signer. */
struct embargo_named_signer {
	__u32 timeline; /* 0 is none */
	__u32 waived;	/* set of waivers; 0 is none */
};

/* The combinations that rules use, one bit each: bit N for the parts N. */
static inline __u32 embargo_signer_combination(__u32 parts)
{
	return 1U << parts;
}

/* A timeline: the stages of all rules that name one identity, merged; at each moment the strictest.
 */
#define EMBARGO_TIMELINE_STEPS \
	64 /* four full schedules of 16 stages always merge; more is refused at compile time */

struct embargo_step {
	__s64 at;     /* nanoseconds since 1970-01-01T00:00:00Z */
	__s64 since;  /* when the stage that asks for `action` began, ns; differs from `at` after a
			 merge */
	__u32 action; /* enum embargo_action */
	__u32 reason; /* index into `reasons` */
};

struct embargo_timeline {
	__u32 count;
	__u32 reserved;
	struct embargo_step steps[EMBARGO_TIMELINE_STEPS]; /* by `at`, ascending */
};

/* Whom to name for a denial: copied whole into each event, so that an event explains itself.
 * Strings end in NUL. */
#define EMBARGO_NAME_SIZE 64
#define EMBARGO_CITE_SIZE 128

struct embargo_reason {
	char policy[EMBARGO_NAME_SIZE];
	char rule[EMBARGO_NAME_SIZE];
	char vendor[EMBARGO_NAME_SIZE];
	char authority[EMBARGO_NAME_SIZE];
	char cite[EMBARGO_CITE_SIZE];
};

/*
 * Waivers. A timeline merges the rules of several policies, and a waiver speaks for some policies
 * only: so each timeline also has its parts, one for each policy, and a file is let through where
 * no part denies it but those of policies that are waived. Looked at only where a file would be
 * denied, and only in a generation that has waivers.
 */
#define EMBARGO_WAIVERS_MEET 8 /* of one identity; a file may have several identities */

/* From when to when, and for which policies: bit N for the policy numbered N (map `waivers`, from
 * 1). */
struct embargo_permit {
	__s64 from;  /* ns since 1970 */
	__s64 until; /* ... no longer in force at that very moment */
	__u64 policies;
	char ticket[EMBARGO_NAME_SIZE];
};

/* Waivers of one identity: numbers, then zeros (map `waiver_sets`; set 0 is empty). */
struct embargo_waiver_set {
	__u32 number[EMBARGO_WAIVERS_MEET];
};

/* The part that one policy has in a timeline (map `parts`): the first of each timeline has its
 * number, the others come behind all these. */
struct embargo_part {
	__u32 timeline; /* of this policy's rules alone */
	__u32 policy;	/* its number, below 64 */
	__u32 next;	/* part of the same timeline; 0: this is the last */
};

/*
 * A set of lengths in 64 bits, for the quick look at a path. Lengths from 64 on share bits with
 * short ones: the quick look may then say "perhaps" in vain, but never "no".
 */
static inline __u64 embargo_path_length_bit(__u32 length)
{
	return 1ULL << (length & 63);
}

/*
 * Two filters in front of the look-ups: one bit for each listed size, one for each name that a path
 * rule ends in. A bit that is not set says "not listed" for certain; one that is set says
 * "perhaps". A million different sizes set nearly all of theirs, which costs the look-up and
 * nothing else.
 */
#define EMBARGO_SIZE_BITS   15
#define EMBARGO_NAME_BITS   12
#define EMBARGO_NAME_PREFIX 8 /* bytes of a name that its bit is made from, beside its length */

static inline __u64 embargo_filter_mix(__u64 value)
{
	return value * 0x9e3779b97f4a7c15ULL; /* 2^64 over the golden ratio: Knuth, volume 3, 6.4 */
}

static inline __u32 embargo_size_bit(__u64 size)
{
	return embargo_filter_mix(size) >> (64 - EMBARGO_SIZE_BITS);
}

/* @prefix: the first bytes of the name as they lie in memory, zeros behind a shorter one. */
static inline __u32 embargo_name_bit(__u64 prefix, __u32 length)
{
	return embargo_filter_mix(embargo_filter_mix(prefix) + length) >> (64 - EMBARGO_NAME_BITS);
}

static inline int embargo_filter_has(const __u64 *filter, __u32 bit)
{
	return filter[bit / 64] >> (bit & 63) & 1;
}

static inline void embargo_filter_add(__u64 *filter, __u32 bit)
{
	filter[bit / 64] |= 1ULL << (bit & 63);
}

/*
 * Digests that were learned while a generation is in force (maps `learned` and `learned_sizes`):
 * user space classified a file, and rules of that generation match. An entry counts only in the
 * generation whose number it has; the next one has them in its `digests`. `word` is the first of
 * the digest: who finds another there has been overtaken, as the entry's memory is another's now.
 */
#define EMBARGO_LEARNED_MAX	  65536
#define EMBARGO_LEARNED_TIMELINES 8

struct embargo_learned_digest {
	__u64 word;
	__u64 generation;
	__u32 scopes;
	__u32 count;
	__u32 timelines[EMBARGO_LEARNED_TIMELINES]; /* `count` of them, then zeros */
	__u32 opens; /* bit N: timelines[N] is of a rule that reaches: open */
	__u32 reserved;
	struct embargo_waiver_set waived; /* waivers of what was found in the file */
};

struct embargo_learned_size {
	__u64 size;
	__u64 generation;
	__u32 scopes;
	__u32 reserved;
};

/* What a learning adds to the epoch. */
#define EMBARGO_EPOCH_STEP (1ULL << 32)

/* The head of a generation (map `generations`, of one value: an array of two, by number & 1). */
struct embargo_generation {
	__u64 number;
	__u64 max_hash;	    /* bytes; a larger file is not hashed in the kernel */
	__u64 path_lengths; /* embargo_path_length_bit() of each component that a path rule ends in
			     */
	__u32 path_count;   /* entries of `paths`; 0 where none is a rule's */
	__u32 unsized_scopes; /* scopes in which every file must be hashed */
	__u32 sized_scopes;   /* scopes in which `sizes` decides whether to hash */
	__u32 on_error;	      /* timeline when a digest cannot be had; 0 is none */
	__u32 on_evasion;     /* the same where the caller brought it about */
	__u32 kexec_load;     /* timeline of kexec_load(2), which has no file; 0 is none */
	__u32 digest_count;
	__u32 size_count;
	__u32 signer_count;	   /* ... that rules name */
	__u32 signer_combinations; /* embargo_signer_combination() of each of `signers` */
	__u32 classifies;   /* scopes of what is learned from files' identities; 0: no rule asks */
	__u32 waiver_count; /* 0: no file is waived, whatever it is */
	__u32 waived_digests;	   /* 1: some waiver goes by what is in a file */
	__u32 waived_paths;	   /* 1: some waiver goes by a path */
	__u32 waived_kexec;	   /* set of waivers of kexec_load(2) */
	__u32 waived_combinations; /* as signer_combinations, of signers that waivers name */
	__u32 open_paths;	   /* 1: some path rule reaches: open */
	__u32 open_error;	   /* as on_error and on_evasion, of rules that reach: open */
	__u32 open_evasion;
	__u32 reserved;
	__u64 epoch; /* the number, and above it, in the upper half, how often was learned */
	__u64 name_filter[(1 << EMBARGO_NAME_BITS) / 64]; /* embargo_name_bit() of each of them */
	__u64 size_filter[(1 << EMBARGO_SIZE_BITS) /
			  64]; /* embargo_size_bit() of each of `sizes` */
};

/*
 * Who opens files (task storage `openers`). Programs of embargo mark themselves to be let through:
 * they have to read what is banned. No child inherits it, and none of them executes another program
 * in its place.
 */
struct embargo_opener {
	__u64 exempt; /* 1: may open what is banned */
	__u64 cut;    /* the open file, by its address, that is about to be cut to nothing */
};

/* The clock (map `clock`). now = max(CLOCK_TAI - tai_offset, base + CLOCK_BOOTTIME), nanoseconds.
 */
struct embargo_clock {
	__s64 tai_offset;
	__s64 base;
};

/*
 * A wall clock further below the floor than this was set back. Less is a leap second, or the 37 s
 * by which NTP moves the TAI offset until the loader has seen it.
 */
#define EMBARGO_CLOCK_SLACK_NS 60000000000LL

/* What the programs have noticed (map `notes`); they only ever set these. */
struct embargo_notes {
	__u64 clock_behind; /* the wall clock was seen below the floor */
};

/* Counters (map `counters`, of one value: a row for each CPU, wrapped at EMBARGO_COUNTER_CPUS): add
 * up the rows. */
enum embargo_counter {
	EMBARGO_COUNTER_CHECKED,
	EMBARGO_COUNTER_LABEL_HIT,
	EMBARGO_COUNTER_HASHED,
	EMBARGO_COUNTER_SIZE_FILTERED,
	EMBARGO_COUNTER_DENIED,
	EMBARGO_COUNTER_AUDITED,
	EMBARGO_COUNTER_DIGEST_FAILED,
	EMBARGO_COUNTER_LOST_DENIALS, /* events of denials that found the ring full */
	EMBARGO_COUNTER_LOST_AUDITS,
	EMBARGO_COUNTER_COALESCED,
	EMBARGO_COUNTER_RETRIED,	/* look-ups repeated because a reload came between */
	EMBARGO_COUNTER_UNJUDGED,	/* let through because no judgement's memory was free: see
					   JUDGEMENTS */
	EMBARGO_COUNTER_LOST_SIGHTINGS, /* files first seen that found the ring full */
	EMBARGO_COUNTER_COUNT,
};

#define EMBARGO_COUNTER_CPUS 256

struct embargo_counters {
	__u64 value[16];
};

/* What the loader asks once, before it attaches anything else: can this kernel digest a file (map
 * `probe`)? */
struct embargo_probe {
	__u32 task;	 /* whose next mmap(2) of a file is to be tried: the loader's own */
	__s32 algorithm; /* what IMA answered: 4 is SHA-256, -errno none */
};

/* Events. A record is this head and the path; the short form holds paths below 256 bytes, the long
 * any. */
#define EMBARGO_EVENT_RING (1 << 20)
#define EMBARGO_PATH_SHORT 256
#define EMBARGO_PATH_LONG  4096
#define EMBARGO_COMM_SIZE  16
#define EMBARGO_COALESCE_NS \
	10000000000ULL		  /* after an event, the same one is only counted for so long */
#define EMBARGO_COALESCE_MAX 4096 /* (rule, subject, user) remembered at a time */

enum embargo_event_flag {
	EMBARGO_EVENT_DIGEST = 1 << 0,	    /* `digest` is that of the content */
	EMBARGO_EVENT_NO_DIGEST = 1 << 1,   /* the digest could not be had: on-error decided */
	EMBARGO_EVENT_EVASION = 1 << 2,	    /* ... and the caller brought that about */
	EMBARGO_EVENT_PATH = 1 << 3,	    /* a path rule decided */
	EMBARGO_EVENT_NEW = 1 << 4,	    /* deny-new took the file as new */
	EMBARGO_EVENT_EXEMPT = 1 << 5,	    /* would have been denied, but PID 1 is never stopped */
	EMBARGO_EVENT_HOST_MOUNTS = 1 << 6, /* the caller lives in the initial mount namespace */
	EMBARGO_EVENT_SIGNER = 1 << 7,	    /* a rule about `signer` decided */
	EMBARGO_EVENT_LEARNED = 1 << 8,	    /* the digest was learned, from what is not told here */
};

struct embargo_event {
	__s64 time;  /* embargo's now, ns since 1970 */
	__s64 since; /* when the stage in force began, ns since 1970 */
	__u64 generation;
	__u64 size; /* bytes of the file or buffer */
	__u64 inode;
	__u64 cgroup;
	__u64 count;  /* how many this event stands for, itself included */
	__u32 device; /* as in stat(2)'s kernel form: major << 20 | minor */
	__u32 flags;  /* enum embargo_event_flag */
	__u32 operation;
	__u32 verdict;
	__u32 action;
	__u32 pid; /* of the process (tgid), in the initial namespace */
	__u32 ppid;
	__u32 uid;
	__u32 auid;	   /* login uid; 0xffffffff is none */
	__u32 tty;	   /* the controlling terminal's device, major << 20 | minor; 0 is none */
	__s32 error;	   /* why there is no digest, -errno; 0 otherwise */
	__u32 path_length; /* bytes, without the NUL */
	__u8 digest[EMBARGO_SHA256_SIZE];
	char comm[EMBARGO_COMM_SIZE];
	struct embargo_signer_key signer; /* all that it said of itself, whatever the rule names */
	struct embargo_reason reason;
	__s64 waived_until; /* ns since 1970, where `ticket` says that a waiver let it through */
	char ticket[EMBARGO_NAME_SIZE];
	char path[];
};

/*
 * Sightings (ring `sightings`), while rules classify files: a file is executed, or mapped to be,
 * that was not seen since its content last changed. A record is this head and the path, of either
 * form of an event. What is lost is not told again, until the file changes or all is forgotten: see
 * embargo_sightings_forget().
 */
#define EMBARGO_SIGHTING_RING (256 << 10)

struct embargo_sighting {
	__s64 time; /* embargo's now, ns since 1970 */
	__s64 ctime;
	__u64 size;
	__u64 inode;
	__u32 device; /* as in an event */
	__u32 pid;    /* of the process (tgid), in the initial namespace */
	__u32 operation;
	__u32 path_length; /* bytes, without the NUL */
	char path[];
};

/* Who has had an event lately (map `recent`): the same again within EMBARGO_COALESCE_NS is only
 * counted. */
struct embargo_recent_key {
	__u64 generation;
	__u8 subject[EMBARGO_SHA256_SIZE]; /* the digest, or inode, device and inode generation
					      (64 bits each), then zeros, where there is none */
	__u32 reason;
	__u32 uid;
	__u32 operation;
	__u32 verdict;
	__u32 waiver; /* that let it through; 0 is none */
	__u32 reserved;
};

struct embargo_recent {
	__u64 last;  /* CLOCK_BOOTTIME of the last event sent, ns */
	__u64 count; /* how many since have not been told */
};

#endif
