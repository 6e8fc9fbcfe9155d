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
 * the root down.
 */
static inline void embargo_decide(struct embargo_decision *decision,
				  const struct embargo_timeline *timeline,
				  const struct embargo_facts *facts)
{
	int at = embargo_step_in_force(timeline, facts->now);
	__u32 verdict = EMBARGO_VERDICT_ALLOW, is_new = 0;
	const struct embargo_step *step;

	if (at < 0 || at >= EMBARGO_TIMELINE_STEPS)
		return;
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
		return;
	decision->verdict = verdict;
	decision->action = step->action;
	decision->reason = step->reason;
	decision->is_new = is_new;
	decision->since = step->since;
}

#endif
