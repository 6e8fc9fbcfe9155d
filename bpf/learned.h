/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests that were learned since the generation in force began: see struct embargo_learned_digest.
 */
#ifndef EMBARGO_BPF_LEARNED_H
#define EMBARGO_BPF_LEARNED_H

#include "maps.h"
#include "stage.h"

/*
 * The epoch of @head: its number as long as nothing was learned. User space raises it last, after
 * the maps and the size filter: who sees it risen finds all the rest.
 */
static __always_inline __u64 learned_epoch(const struct embargo_generation *head)
{
	return *(const volatile __u64 *)&head->epoch;
}

/*
 * The scopes in which a file of @size bytes may have a digest that was learned in generation
 * @number. An entry is removed once it is of a former one, and its memory used again: where it has
 * become another's meanwhile, the file is hashed in vain.
 */
static __noinline __u32 learned_size_scopes(__u64 number, __u64 size)
{
	struct embargo_learned_size *entry = bpf_map_lookup_elem(&learned_sizes, &size);
	__u32 scopes;

	if (!entry || entry->generation != number)
		return 0;
	scopes = entry->scopes;
	return *(volatile __u64 *)&entry->size == size ? scopes : ~0U;
}

/* The scopes in which @digest was learned in generation @number, or in another since: it is looked
 * at again before anything is decided. */
static __noinline __u32 learned_scopes(__u64 number, const struct embargo_digest *digest)
{
	struct embargo_learned_digest *entry;

	if (!digest)
		return 0;
	entry = bpf_map_lookup_elem(&learned, digest);
	return entry && entry->generation == number ? entry->scopes : 0;
}

/*
 * Takes all rules that the digest was learned for into the decision. Returns whether that is final:
 * not where the entry's memory turned out to be another's, so that these may be another's rules.
 * The atomic operation is for what it orders.
 */
static __noinline bool learned_decide(struct judgement *judgement)
{
	const struct embargo_digest *digest = &judgement->request.digest;
	struct embargo_learned_digest *entry = bpf_map_lookup_elem(&learned, digest), found;
	__u32 counting;

	if (!entry)
		return true;
	found = *entry;
	if (__sync_fetch_and_add(&entry->word, 0) != *(const __u64 *)digest->bytes)
		return false;
	if (found.generation != judgement->number || !(found.scopes & judgement->request.scope))
		return true;
	counting = judgement->request.scope == EMBARGO_SCOPE_OPEN ? found.opens : ~0U;
	for (int i = 0; i < EMBARGO_LEARNED_TIMELINES; i++)
		decide_timeline(judgement, found.timelines[i] & -(counting >> i & 1),
				EMBARGO_EVENT_LEARNED);
	return true;
}

#endif
