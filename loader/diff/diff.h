/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes different when one set of policies takes the place of another: not in their texts,
 * but in what is refused, and from when. */
#ifndef EMBARGO_DIFF_DIFF_H
#define EMBARGO_DIFF_DIFF_H

#include "loader/diff/side.h"

enum embargo_change_kind {
	EMBARGO_CHANGE_UNKNOWN,
	EMBARGO_CHANGE_DENIED,	  /* refused at some time, and was never */
	EMBARGO_CHANGE_MOVED,	  /* refused, or audited, at other times */
	EMBARGO_CHANGE_AUDITED,	  /* audited, and was not even that */
	EMBARGO_CHANGE_FREED,	  /* not refused any more, or not audited */
	EMBARGO_CHANGE_AUTHORITY, /* the same at the same times, on another ground */
	EMBARGO_CHANGE_RUNNING,	  /* what runs already fares otherwise */
	EMBARGO_CHANGE_REACH,	  /* it can be read, or no longer */
	EMBARGO_CHANGE_COUNT,
};

/* "denied", "moved"... */
const char *embargo_change_name(enum embargo_change_kind kind);

/* What one side has on the thing that changed. */
struct embargo_stand {
	const struct embargo_timeline *timeline; /* without steps: nothing */
	const struct embargo_reason *reasons;	 /* of its steps */
	const struct embargo_rule *rule;	 /* the first that names the thing, or NULL */
	const struct embargo_policy *policy;	 /* ... and whose it is */
	const struct embargo_rule *terminates;	 /* the rule that stops what runs, or NULL */
	const struct embargo_rule *opens;	 /* a rule that reaches: open, or NULL */
	const struct embargo_list *list;	 /* a digest's, or NULL */
};

struct embargo_change {
	enum embargo_change_kind kind;
	const char *thing; /* the word for its kind: "path", "sha256" */
	const char *value; /* NULL: digests, told by their number alone */
	size_t count;	   /* of digests that fare alike; 1 for others */
	struct embargo_stand old, fresh;
};

/*
 * Calls @each for whatever fares differently under @fresh than it did under @old, both of one
 * profile. Digests of one list that fare alike are one change, or one each where @each_digest.
 * Errors: what @each returns, -ENOMEM, -E2BIG; told in @diagnostic.
 */
int embargo_diff_sides(struct embargo_side *old, struct embargo_side *fresh, bool each_digest,
		       int (*each)(void *context, const struct embargo_change *change),
		       void *context, struct embargo_diagnostic *diagnostic);

#endif
