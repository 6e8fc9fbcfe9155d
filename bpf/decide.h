/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decision: facts in, verdict out. No helper, no map: the kernel half, the tests and `check`
 * share it. */
#ifndef EMBARGO_DECIDE_H
#define EMBARGO_DECIDE_H

#include "abi.h"

/* What is known of one request when it is judged. */
struct embargo_facts {
	__s64 now;	       /* ns since 1970 */
	__s64 ctime;	       /* of the file, ns since 1970 */
	__u32 arrival_unknown; /* no ctime that can be trusted: the file counts as new */
	__u32 clock_behind;    /* the clock was seen below the floor: ctimes prove nothing */
};

struct embargo_decision {
	__u32 verdict; /* enum embargo_verdict */
	__u32 action;  /* of the stage in force */
	__u32 reason;
	__u32 is_new; /* deny-new took the file as new */
	__s64 since;
};

/* Was the clock set back, where it shows @wall and cannot be below @floor? Both ns since 1970. */
static inline __u32 embargo_clock_is_behind(__s64 wall, __s64 floor)
{
	return wall < floor - EMBARGO_CLOCK_SLACK_NS;
}

/* The step of @timeline in force at @now, or -1 before the first. */
static inline int embargo_step_in_force(const struct embargo_timeline *timeline, __s64 now)
{
	int found = -1;

	for (int i = 0; i < EMBARGO_TIMELINE_STEPS; i++) {
		if ((__u32)i >= timeline->count || timeline->steps[i].at > now)
			break;
		found = i;
	}
	return found;
}

/* Is the file new with regard to a deny-new stage that began at @since? A ctime in the future is no
 * evidence. */
static inline __u32 embargo_is_new(const struct embargo_facts *facts, __s64 since)
{
	return facts->arrival_unknown || facts->clock_behind || facts->ctime >= since ||
	       facts->ctime > facts->now;
}

/*
 * Takes the stage of @timeline in force into @decision where it is stricter than what stands there.
 * Equal verdicts keep the first, so callers add matches in a fixed order: digest, then paths from
 * the root down. Returns the verdict of @timeline by itself.
 */
static inline __u32 embargo_decide(struct embargo_decision *decision,
				   const struct embargo_timeline *timeline,
				   const struct embargo_facts *facts)
{
	int at = embargo_step_in_force(timeline, facts->now);
	__u32 verdict = EMBARGO_VERDICT_ALLOW, is_new = 0;
	const struct embargo_step *step;

	if (at < 0 || at >= EMBARGO_TIMELINE_STEPS)
		return EMBARGO_VERDICT_UNKNOWN;
	step = &timeline->steps[at];
	if (step->action == EMBARGO_ACTION_DENY) {
		verdict = EMBARGO_VERDICT_DENY;
	} else if (step->action == EMBARGO_ACTION_DENY_NEW) {
		is_new = embargo_is_new(facts, step->since);
		verdict = is_new ? EMBARGO_VERDICT_DENY : EMBARGO_VERDICT_AUDIT;
	} else if (step->action == EMBARGO_ACTION_AUDIT) {
		verdict = EMBARGO_VERDICT_AUDIT;
	}
	if (verdict <= decision->verdict)
		return verdict;
	decision->verdict = verdict;
	decision->action = step->action;
	decision->reason = step->reason;
	decision->is_new = is_new;
	decision->since = step->since;
	return verdict;
}

/* Waivers of one file that are taken into account; with more it may stay denied. */
#define EMBARGO_WAIVING_MAX 16

/* What the waivers in force leave of a denial. */
struct embargo_waiving {
	__u64 policies; /* whose rules are waived: bit N for number N */
	__u32 count;
	__u32 number; /* of the waiver that ends first of those needed; 0: none is */
	__s64 until;  /* ... when */
	__s64 latest; /* ... among those that waive the part at hand, which ends last */
	__u32 latest_number;
	__u32 reserved;
	struct embargo_decision waived; /* the denial that it was */
	struct embargo_decision rest;	/* of rules that are not waived */
	struct {
		__u64 policies;
		__s64 until;
	} permit[EMBARGO_WAIVING_MAX];
	__u32 numbers[EMBARGO_WAIVING_MAX];
};

/* Takes @permit up, where it is in force: from its first moment, and not at its last. */
static inline void embargo_waiving_add(struct embargo_waiving *waiving,
				       const struct embargo_permit *permit, __u32 number, __s64 now)
{
	__u32 at = waiving->count;

	if (now < permit->from || now >= permit->until || at >= EMBARGO_WAIVING_MAX)
		return;
	at %= EMBARGO_WAIVING_MAX;
	waiving->permit[at].policies = permit->policies;
	waiving->permit[at].until = permit->until;
	waiving->numbers[at] = number;
	waiving->policies |= permit->policies;
	waiving->count = at + 1;
}

static inline int embargo_waiving_covers(const struct embargo_waiving *waiving, __u32 policy)
{
	return waiving->policies >> (policy & 63) & 1;
}

/* Of the waivers of a part of @policy the one at @index, while the last to end is looked for. */
static inline void embargo_waiving_compare(struct embargo_waiving *waiving, __u32 policy,
					   __u32 index)
{
	__u32 at = index % EMBARGO_WAIVING_MAX;

	if (index >= waiving->count || !(waiving->permit[at].policies >> (policy & 63) & 1))
		return;
	if (waiving->latest_number && waiving->permit[at].until <= waiving->latest)
		return;
	waiving->latest = waiving->permit[at].until;
	waiving->latest_number = waiving->numbers[at];
}

/* The part that would have led to @denial is waived, by the one that was found: the first of all to
 * end is the one to name. Returns whether that is this one. */
static inline int embargo_waiving_pass(struct embargo_waiving *waiving,
				       const struct embargo_decision *denial)
{
	__u32 number = waiving->latest_number;

	waiving->latest_number = 0;
	if (waiving->number && waiving->until <= waiving->latest)
		return 0;
	waiving->number = number;
	waiving->until = waiving->latest;
	waiving->waived = *denial;
	waiving->waived.verdict = EMBARGO_VERDICT_AUDIT;
	return 1;
}

#endif
