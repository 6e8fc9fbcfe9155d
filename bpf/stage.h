/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a timeline of the generation in force and puts it to the decision. */
#ifndef EMBARGO_STAGE_H
#define EMBARGO_STAGE_H

#include "decide.h"
#include "maps.h"

/* What a decision may rest on; none of them: a digest on a list. */
#define GROUNDS (EMBARGO_EVENT_PATH | EMBARGO_EVENT_SIGNER | EMBARGO_EVENT_LEARNED)

static __always_inline void denial_add(struct denial *denial, __u32 timeline, __u32 ground)
{
	__u32 at = denial->count;

	denial->count = at + 1;
	if (at >= DENIED_MAX)
		return;
	barrier_var(at); /* the verifier sees the bound only if nothing is known of it here */
	at %= DENIED_MAX;
	denial->timeline[at] = timeline;
	denial->ground[at] = ground;
}

/* Takes the timeline @index, which was found on @ground, into the decision. Returns whether it
 * denies, or asks for more than all before it. */
VERIFIED_ONCE int decide_timeline(struct judgement *judgement, __u32 index, __u32 ground)
{
	struct embargo_timeline *timeline;
	__u32 before, verdict;

	if (!index || !judgement)
		return 0;
	timeline = table_find(timelines, judgement->number, &index);
	if (!timeline)
		return 0;
	before = judgement->decision.verdict;
	verdict = embargo_decide(&judgement->decision, timeline, &judgement->facts);
	if (judgement->decision.verdict != before)
		judgement->flags = (judgement->flags & ~GROUNDS) | ground;
	if (verdict == EMBARGO_VERDICT_DENY)
		denial_add(&judgement->denial, index, ground);
	return verdict == EMBARGO_VERDICT_DENY || judgement->decision.verdict != before;
}

#endif
