/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timelines: the stages of all rules that name one thing, merged to the strictest at each moment.
 */
#ifndef EMBARGO_POLICY_TIMELINE_H
#define EMBARGO_POLICY_TIMELINE_H

#include "loader/policy/policy.h"

/* What the host's settings ask for only rises: audit, deny-new, deny. */
#define EMBARGO_HOST_STAGES 3

/* A rule tied to the schedule that it follows on this host. */
struct embargo_bound {
	const struct embargo_policy *policy;
	const struct embargo_rule *rule;
	const struct embargo_schedule *schedule;
	__u32 reasons[EMBARGO_POLICY_STAGES]; /* one for each stage of the schedule */
	bool hashed;			      /* some digest of it has the kernel compute digests */
	bool hashed_open;		      /* ... of files that are opened */
	__u32 policy_number;		      /* in the set, from 0 */
	struct embargo_schedule host; /* what the host's settings ask for besides; its stages: */
	struct embargo_stage host_stages[EMBARGO_HOST_STAGES];
	__u32 host_reasons[EMBARGO_HOST_STAGES];
};

/* One rule's part in a timeline. */
struct embargo_term {
	const struct embargo_schedule *schedule;
	const __u32 *reasons;
	enum embargo_action cap; /* the strictest that it may ask for */
	bool yields;		 /* is not named where another asks for the same */
	size_t begun;		 /* stages that have begun, while merging */
};

/*
 * At each moment the strictest action of all terms; among equals one that does not yield (but with
 * deny-new, where the earlier stage means more), the one that began earlier, then the first.
 * Errors: -E2BIG more than EMBARGO_TIMELINE_STEPS steps; @timeline is untouched then.
 */
int embargo_timeline_merge(struct embargo_term *terms, size_t count,
			   struct embargo_timeline *timeline);

/* Do both ask for the same actions at the same moments, whoever asks? */
bool embargo_timeline_asks_same(const struct embargo_timeline *left,
				const struct embargo_timeline *right);

/* A set of rules that has a timeline. */
struct embargo_timeline_rules {
	__u32 index;
	bool capped;
	size_t count;
	__u32 rules[];
};

/* The timelines of a generation: each set of rules gets one, whatever number of things it names. */
struct embargo_timelines {
	const struct embargo_bound *bounds;
	struct embargo_timeline *array;		     /* index 0 is none */
	const struct embargo_timeline_rules **rules; /* of each; of index 0 NULL */
	size_t count, room;
	void *known; /* tsearch(3) tree from sets of rules to indices */
};

/*
 * The timeline of the rules numbered in @rules (ascending, each once), which it may have to make;
 * @capped: as on-error has it, no stricter than audit but where the rule's policy says otherwise.
 * An empty set has timeline 0.
 */
int embargo_timelines_find(struct embargo_timelines *timelines, const __u32 *rules, size_t count,
			   bool capped, __u32 *index, struct embargo_diagnostic *diagnostic);

/*
 * Divides each timeline by the policies of its rules, into parts with their own timelines, for
 * @tables: see struct embargo_part. Called when all others are made.
 */
int embargo_timelines_divide(struct embargo_timelines *timelines, struct embargo_tables *tables,
			     struct embargo_diagnostic *diagnostic);
void embargo_timelines_free(struct embargo_timelines *timelines);

#endif
