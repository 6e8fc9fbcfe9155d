// SPDX-License-Identifier: GPL-2.0-or-later
/* Repetitions: found again among the last events, or told with what the kernel's key says. */
#include "loader/event/repeat.h"

#include <stdlib.h>
#include <string.h>

/* How the kernel half's key names a file that has no digest. */
struct identity {
	__u64 inode;
	__u64 device;
	__u64 inode_generation;
	__u8 zeros[EMBARGO_SHA256_SIZE - 3 * sizeof(__u64)];
};
_Static_assert(sizeof(struct identity) == EMBARGO_SHA256_SIZE, "a subject is one or the other");

static void take_subject(struct embargo_event *event, const __u8 *subject)
{
	static const __u8 zeros[sizeof(((struct identity *)NULL)->zeros)];
	struct identity identity;

	memcpy(&identity, subject, sizeof(identity));
	if (memcmp(identity.zeros, zeros, sizeof(zeros))) {
		memcpy(event->digest, subject, sizeof(event->digest));
		event->flags |= EMBARGO_EVENT_DIGEST;
	} else {
		event->inode = identity.inode;
		event->device = identity.device;
	}
}

static bool is_same_file(const struct embargo_event *a, const struct embargo_event *b)
{
	if (a->flags & EMBARGO_EVENT_DIGEST || b->flags & EMBARGO_EVENT_DIGEST)
		return a->flags & b->flags & EMBARGO_EVENT_DIGEST &&
		       !memcmp(a->digest, b->digest, sizeof(a->digest));
	return a->inode == b->inode && a->device == b->device;
}

static bool is_same_rule(const struct embargo_reason *a, const struct embargo_reason *b)
{
	return !strcmp(a->policy, b->policy) && !strcmp(a->rule, b->rule);
}

/* The same to the kernel half but for the rule, of which a repetition may know nothing. */
static bool is_repeated(const struct embargo_event *known, const struct embargo_event *event)
{
	return known->generation == event->generation && known->uid == event->uid &&
	       known->operation == event->operation && known->verdict == event->verdict &&
	       is_same_file(known, event) &&
	       (!event->reason.rule[0] || (is_same_rule(&known->reason, &event->reason) &&
					   !strcmp(known->ticket, event->ticket)));
}

void embargo_repeat_remember(struct embargo_repeat_cache *cache, const struct embargo_event *event)
{
	size_t size = sizeof(*event) + event->path_length + 1;
	unsigned int slot = EMBARGO_REPEAT_CACHE;
	struct embargo_event *copy = malloc(size);

	if (!copy)
		return;
	memcpy(copy, event, size);
	for (unsigned int i = 0; i < EMBARGO_REPEAT_CACHE; i++)
		if (cache->known[i] && is_repeated(cache->known[i], event))
			slot = i;
	if (slot == EMBARGO_REPEAT_CACHE)
		slot = cache->next++ % EMBARGO_REPEAT_CACHE;
	free(cache->known[slot]);
	cache->known[slot] = copy;
}

void embargo_repeat_forget(struct embargo_repeat_cache *cache)
{
	for (unsigned int i = 0; i < EMBARGO_REPEAT_CACHE; i++) {
		free(cache->known[i]);
		cache->known[i] = NULL;
	}
}

void embargo_repeat_tell(const struct embargo_repeat_cache *cache,
			 const struct embargo_recent_key *key, const struct embargo_reason *reason,
			 const struct embargo_permit *waiver, uint64_t count, int64_t now,
			 struct embargo_event *event)
{
	memset(event, 0, sizeof(*event) + 1);
	event->generation = key->generation;
	event->uid = key->uid;
	event->auid = UINT32_MAX;
	event->operation = key->operation;
	event->verdict = key->verdict;
	/* What was waived would have been denied. */
	event->action = key->verdict == EMBARGO_VERDICT_DENY || key->waiver ? EMBARGO_ACTION_DENY
									    : EMBARGO_ACTION_AUDIT;
	if (reason)
		event->reason = *reason;
	if (waiver) {
		event->waived_until = waiver->until;
		memcpy(event->ticket, waiver->ticket, sizeof(event->ticket));
	}
	take_subject(event, key->subject);
	for (unsigned int i = 0; i < EMBARGO_REPEAT_CACHE; i++) {
		const struct embargo_event *known = cache->known[i];

		if (known && is_repeated(known, event)) {
			memcpy(event, known, sizeof(*known) + known->path_length + 1);
			break;
		}
	}
	event->time = now;
	event->count = count;
	event->tty = 0;
}
