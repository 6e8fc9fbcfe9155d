/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's verdict, worked out in user space: the same tables, the same order, the same
 * decide.h. */
#ifndef EMBARGO_VERDICT_VERDICT_H
#define EMBARGO_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/decide.h"
#include "loader/model/identity.h"
#include "loader/model/tables.h"

/* One run of bytes that the kernel would look up. */
struct embargo_candidate {
	struct embargo_digest digest;
	uint64_t size;
	bool in_memory;	 /* handed over as a buffer: it has no inode, so it counts as new */
	bool unhashable; /* a file that the kernel does not hash, whatever its size */
};

/* A compressed module is two: the file, and what kmod takes out of it. */
#define EMBARGO_CANDIDATES 2

/* A rule that the file falls under by what was found in it. */
struct embargo_classification {
	__u32 timeline;
	const struct embargo_identity *by; /* NULL: by its digest and path together */
};

/* More rules than match one file: the strictest of the first so many counts. */
#define EMBARGO_CLASSIFICATIONS 64

/* What is asked: may this file be used so? */
struct embargo_question {
	enum embargo_operation operation;
	__u32 scope; /* one of enum embargo_scope; 0: an operation that the kernel does not look at,
			judged by digest and path alone */
	const char *path; /* resolved, or NULL where none is known */
	struct embargo_candidate candidates[EMBARGO_CANDIDATES];
	size_t candidate_count;
	struct embargo_classification classifications[EMBARGO_CLASSIFICATIONS];
	size_t classification_count;
	__u32 waivers[EMBARGO_WAIVING_MAX]; /* numbers of those for what was found in the file */
	size_t waiver_count;
	int64_t ctime; /* ns since 1970 */
	bool arrival_unknown;
	bool clock_behind; /* the clock was seen below the floor: ctimes prove nothing */
};

/* What the verdict rests on. */
enum embargo_ground {
	EMBARGO_GROUND_NONE,
	EMBARGO_GROUND_DIGEST,
	EMBARGO_GROUND_IDENTITY, /* the digest is learned, or will be once the file is classified */
	EMBARGO_GROUND_PATH,
	EMBARGO_GROUND_NO_DIGEST, /* on-error decided: the digest could not be had */
	EMBARGO_GROUND_COUNT,
};

struct embargo_answer {
	struct embargo_decision decision; /* verdict is never UNKNOWN; reason 0: no rule matches */
	enum embargo_ground ground;
	size_t candidate;		     /* whose digest it was, for EMBARGO_GROUND_DIGEST */
	const struct embargo_identity *by;   /* for EMBARGO_GROUND_IDENTITY; may be NULL */
	const struct embargo_permit *waiver; /* the tables' that lets it through, or NULL */
	bool no_digest;			     /* the kernel would want a digest and not get it */
	bool has_next;			     /* a later date changes the verdict */
	int64_t next_at;		     /* ns since 1970 */
	struct embargo_decision next;
};

/* Answers @question at @now (ns since 1970) by @tables. Errors: -ENOMEM. */
int embargo_question_answer(const struct embargo_question *question,
			    const struct embargo_tables *tables, int64_t now,
			    struct embargo_answer *answer);

#endif
