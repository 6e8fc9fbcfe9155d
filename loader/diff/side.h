/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One side of a comparison: all that its rules name for one profile, and when each is asked for. */
#ifndef EMBARGO_DIFF_SIDE_H
#define EMBARGO_DIFF_SIDE_H

#include "loader/base/arena.h"
#include "loader/policy/timeline.h"

#define EMBARGO_SIDE_NO_LIST UINT32_MAX

/* A thing that a rule names, but for digests. */
struct embargo_named {
	const char *key;  /* one for all spellings of the thing, and for it alone */
	const char *kind; /* the word for its kind; "all" for several that must meet */
	const char *value;
	__u32 rule;
};

/* A digest that a rule names. */
struct embargo_numbered {
	struct embargo_digest digest;
	__u32 rule;
	__u32 list; /* or EMBARGO_SIDE_NO_LIST */
};

struct embargo_side_list {
	const struct embargo_policy *policy;
	const struct embargo_rule *rule;
	const struct embargo_list *list;
};

struct embargo_side {
	struct embargo_arena *arena;
	struct embargo_bound *bounds; /* the rules that have a schedule for the profile */
	size_t bound_count;
	struct embargo_timelines timelines;
	struct embargo_tables tables; /* its reasons alone */
	struct embargo_named *named;  /* by key, then rule; each pair once */
	size_t named_count, named_room;
	struct embargo_numbered *digests; /* by digest, then rule; each pair once */
	size_t digest_count, digest_room;
	struct embargo_side_list *lists;
	size_t list_count;
};

/*
 * Collects what @set says for @profile (NULL: none); both must outlive @side, which the caller
 * frees, whatever comes. Errors: as compiling, told in @diagnostic.
 */
int embargo_side_make(const struct embargo_policy_set *set, const char *profile,
		      struct embargo_side *side, struct embargo_diagnostic *diagnostic);
void embargo_side_free(struct embargo_side *side);

/*
 * What is asked for where @rules (ascending, each once) meet. @timeline is good until the next
 * call. Errors: -E2BIG, -ENOMEM.
 */
int embargo_side_ask(struct embargo_side *side, const __u32 *rules, size_t count, __u32 *timeline,
		     struct embargo_diagnostic *diagnostic);

/*
 * The rules that cover the thing of @key, those of the folders above a path included: ascending,
 * each once, into @rules (bound_count of room). Returns how many.
 */
size_t embargo_side_cover(const struct embargo_side *side, const char *key, __u32 *rules);

#endif
