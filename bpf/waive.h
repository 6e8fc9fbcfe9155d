/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waivers: what they leave of a denial. All of it lies behind a denial: a file that no rule refuses
 * never comes here.
 */
#ifndef EMBARGO_WAIVE_H
#define EMBARGO_WAIVE_H

#include "stage.h"

/* Notes the set of waivers numbered @set, of something that the file is known by. */
static __always_inline void waived_add(struct judgement *judgement, __u32 set)
{
	__u32 at = judgement->denial.sets;

	if (!set || at >= WAIVED_MAX)
		return;
	judgement->denial.sets = at + 1;
	barrier_var(at); /* the verifier sees the bound only if nothing is known of it here */
	judgement->denial.set[at % WAIVED_MAX] = set;
}

/* What was learned of the digest; nothing where the entry's memory was another's meanwhile. */
static __noinline int waived_learned(struct judgement *judgement)
{
	const struct embargo_digest *digest = &judgement->request.digest;
	struct embargo_learned_digest *entry = bpf_map_lookup_elem(&learned, digest);
	struct embargo_waiver_set found;

	if (!entry || entry->generation != judgement->number)
		return 0;
	found = entry->waived;
	if (__sync_fetch_and_add(&entry->word, 0) == *(const __u64 *)digest->bytes)
		judgement->denial.learned = found;
	return 0;
}

/* Paths and signers were noted when they were looked up. */
static __always_inline void waived_gather(struct judgement *judgement,
					  const struct embargo_generation *head)
{
	__u32 *set;

	if (judgement->request.state == DIGEST_UNSEEN)
		waived_add(judgement, head->waived_kexec);
	if (judgement->request.state != DIGEST_KNOWN)
		return;
	set = table_find(waived, judgement->number, &judgement->request.digest);
	if (set)
		waived_add(judgement, *set);
	waived_learned(judgement);
}

/* The waiver at @index of those noted, and of those learned behind them. */
static long permit_each(__u32 index, struct judgement **held)
{
	__u32 set = index / EMBARGO_WAIVERS_MEET, member = index % EMBARGO_WAIVERS_MEET, number;
	struct judgement *judgement = *held;
	struct embargo_waiver_set *found = &judgement->denial.learned;
	struct embargo_permit *permit;

	if (set < WAIVED_MAX) {
		if (set >= judgement->denial.sets)
			return 0;
		number = judgement->denial.set[set % WAIVED_MAX];
		found = table_find(waiver_sets, judgement->number, &number);
	}
	if (!found)
		return 0;
	number = found->number[member % EMBARGO_WAIVERS_MEET];
	if (!number)
		return 0;
	permit = table_find(waivers, judgement->number, &number);
	if (permit)
		embargo_waiving_add(&judgement->settling.waiving, permit, number,
				    judgement->facts.now);
	return 0;
}

/* What @timeline asks for by itself goes into `part`. */
VERIFIED_ONCE int part_decide(struct judgement *judgement, __u32 index)
{
	struct embargo_timeline *timeline;

	if (!judgement)
		return 0;
	__builtin_memset(&judgement->settling.part, 0, sizeof(judgement->settling.part));
	timeline = table_find(timelines, judgement->number, &index);
	if (timeline)
		embargo_decide(&judgement->settling.part, timeline, &judgement->facts);
	return timeline != NULL;
}

static long compare_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;

	embargo_waiving_compare(&judgement->settling.waiving, judgement->settling.policy, index);
	return 0;
}

/* The part at hand denies: is it waived? Ends the loop where it is not. */
static __noinline int part_settle(struct judgement *judgement)
{
	struct settling *settling = &judgement->settling;

	if (!embargo_waiving_covers(&settling->waiving, settling->policy)) {
		settling->waiving.rest = settling->part;
		settling->rest_ground = settling->ground;
		return 1;
	}
	bpf_loop(EMBARGO_WAIVING_MAX, compare_each, &judgement, 0);
	if (embargo_waiving_pass(&settling->waiving, &settling->part))
		settling->waived_ground = settling->ground;
	return 0;
}

/* The next part of the timelines that deny. */
static long part_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct settling *settling = &judgement->settling;
	struct embargo_part *part;
	__u32 step = settling->step, at = settling->at;

	if (!at) {
		if (step >= judgement->denial.count)
			return 1;
		settling->step = step + 1;
		barrier_var(step);
		step %= DENIED_MAX;
		at = judgement->denial.timeline[step];
		settling->ground = judgement->denial.ground[step];
	}
	part = table_find(parts, judgement->number, &at);
	if (!part || !part_decide(judgement, part->timeline)) {
		settling->is_lost = 1;
		return 1;
	}
	settling->at = part->next;
	settling->policy = part->policy;
	return settling->part.verdict == EMBARGO_VERDICT_DENY && part_settle(judgement);
}

#define PARTS_MAX (DENIED_MAX * 64)

static __always_inline void waivers_apply(struct judgement *judgement,
					  const struct embargo_generation *head)
{
	struct settling *settling = &judgement->settling;

	__builtin_memset(settling, 0, sizeof(*settling));
	/* The slot's last judgement may have left what was learned of another file. */
	__builtin_memset(&judgement->denial.learned, 0, sizeof(judgement->denial.learned));
	waived_gather(judgement, head);
	bpf_loop((WAIVED_MAX + 1) * EMBARGO_WAIVERS_MEET, permit_each, &judgement, 0);
	if (settling->waiving.count && judgement->denial.count <= DENIED_MAX)
		bpf_loop(PARTS_MAX, part_each, &judgement, 0);
	if (settling->is_lost)
		return;
	if (settling->waiving.rest.verdict == EMBARGO_VERDICT_DENY) {
		judgement->decision = settling->waiving.rest;
		judgement->flags = (judgement->flags & ~GROUNDS) | settling->rest_ground;
	} else if (settling->waiving.number) {
		judgement->decision = settling->waiving.waived;
		judgement->flags = (judgement->flags & ~GROUNDS) | settling->waived_ground;
		judgement->waiver = settling->waiving.number;
	}
}

/*
 * Lets the denial of the judgement in @slot pass where waivers in force cover all of it; the rest
 * stands, and is told. Without the digest that a waiver may name, it has the state DIGEST_SOUGHT
 * afterwards. Returns whether that is final: the generation is still in force.
 */
VERIFIED_ONCE int waivers_settle(__u32 slot)
{
	struct judgement *judgement = bpf_map_lookup_elem(&judgements, &slot);
	struct embargo_generation *head;

	if (!judgement)
		return 1;
	head = generation_head(judgement->number);
	if (!head)
		return 0;
	if (head->waiver_count)
		waivers_apply(judgement, head);
	if (head->waived_digests && judgement->decision.verdict == EMBARGO_VERDICT_DENY &&
	    judgement->request.state == DIGEST_NOT_WANTED)
		judgement->request.state = DIGEST_SOUGHT;
	return current_generation == judgement->number;
}

#endif
