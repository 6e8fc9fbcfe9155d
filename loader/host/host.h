/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How this host's kernel was booted and set, as far as its file systems tell; nothing is tried out.
 */
#ifndef EMBARGO_HOST_HOST_H
#define EMBARGO_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Where open(2) can be judged by what is in the file: before, IMA cannot read it yet. */
#define EMBARGO_POST_OPEN_MAJOR 6
#define EMBARGO_POST_OPEN_MINOR 11

#define EMBARGO_HOST_WORD 64
#define EMBARGO_HOST_LIST 512

/* Yes, no, or the kernel does not say (to this user). */
enum embargo_answer {
	EMBARGO_ANSWER_UNKNOWN,
	EMBARGO_ANSWER_NO,
	EMBARGO_ANSWER_YES,
};

/* Does the kernel take a module from memory, as init_module(2) hands it over? */
enum embargo_from_memory {
	EMBARGO_FROM_MEMORY_UNKNOWN, /* an IMA policy was loaded that cannot be read */
	EMBARGO_FROM_MEMORY_TAKEN,
	EMBARGO_FROM_MEMORY_IMA,     /* refused: IMA appraises modules, which only files can pass */
	EMBARGO_FROM_MEMORY_LOADPIN, /* refused: LoadPin takes files of one file system alone */
	EMBARGO_FROM_MEMORY_COUNT,
};

struct embargo_host {
	char release[EMBARGO_HOST_WORD];  /* of the kernel; "" is unknown, here and below */
	char lsm[EMBARGO_HOST_LIST];	  /* the active security modules, by commas */
	char lsm_boot[EMBARGO_HOST_LIST]; /* lsm= for the next boot: the list with bpf at its end */
	char ima_hash[EMBARGO_HOST_WORD]; /* the algorithm of IMA's digests */
	char lockdown[EMBARGO_HOST_WORD]; /* none, integrity or confidentiality */
	enum embargo_answer bpf_listed;
	enum embargo_answer bpf_built; /* CONFIG_BPF_LSM */
	enum embargo_answer btf;
	enum embargo_answer bpffs;
	enum embargo_answer ima;
	enum embargo_answer fsverity;
	enum embargo_answer modules_verified;	  /* unsigned modules are refused */
	enum embargo_answer modules_decompressed; /* by the kernel: finit_module of a .ko.xz */
	enum embargo_answer modules_appraised;	  /* by IMA, as the kernel was built */
	enum embargo_from_memory modules_from_memory;
	enum embargo_answer kexec_closed;
	enum embargo_answer unprivileged_bpf;
};

/* Reads the facts below @root ("/" but in tests). Never fails: what cannot be read is unknown. */
void embargo_host_read(const char *root, struct embargo_host *host);

/* "yes", "no" or "unknown". */
const char *embargo_answer_name(enum embargo_answer answer);

/*
 * Before 6.19 a kernel that decompresses modules shows its security modules the compressed bytes
 * alone. There the programs hand such a module back (ENOSYS), for kmod to decompress it and to
 * hand it over from memory. Unknown counts as yes.
 */
bool embargo_host_hands_back(const struct embargo_host *host);

/* Whether open(2) is judged by contents, and not only by paths and by contents known before. */
bool embargo_host_judges_opened(const struct embargo_host *host);

/* What keeps modules from memory out, or may, and its remedy; NULL where they are taken. */
const char *embargo_from_memory_reason(enum embargo_from_memory answer);
const char *embargo_from_memory_remedy(enum embargo_from_memory answer);

#endif
