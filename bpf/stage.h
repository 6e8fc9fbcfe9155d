/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a timeline of the generation in force and puts it to the decision. */
#ifndef EMBARGO_STAGE_H
#define EMBARGO_STAGE_H

#include "decide.h"
#include "maps.h"

VERIFIED_ONCE int decide_timeline(__u64 number, __u32 index, const struct embargo_facts *facts,
				  struct embargo_decision *decision)
{
	struct embargo_timeline *timeline;

	if (!index || !facts || !decision)
		return 0;
	timeline = table_find(timelines, number, &index);
	if (timeline)
		embargo_decide(decision, timeline, facts);
	return 0;
}

#endif
