// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparing two sides, thing by thing, as a merge of two sorted lists. */
#include "loader/diff/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"

static const char *const names[] = {
	[EMBARGO_CHANGE_UNKNOWN] = NULL,      [EMBARGO_CHANGE_DENIED] = "denied",
	[EMBARGO_CHANGE_MOVED] = "moved",     [EMBARGO_CHANGE_AUDITED] = "audited",
	[EMBARGO_CHANGE_FREED] = "freed",     [EMBARGO_CHANGE_AUTHORITY] = "authority",
	[EMBARGO_CHANGE_RUNNING] = "running", [EMBARGO_CHANGE_REACH] = "reach",
};
_Static_assert(ARRAY_SIZE(names) == EMBARGO_CHANGE_COUNT, "a word for each kind of change");

const char *embargo_change_name(enum embargo_change_kind kind)
{
	return kind < EMBARGO_CHANGE_COUNT ? names[kind] : NULL;
}

struct comparison {
	struct embargo_side *sides[2]; /* old, fresh */
	__u32 *rules;		       /* room for all of either side */
	bool each_digest;
	int (*each)(void *context, const struct embargo_change *change);
	void *context;
	struct embargo_diagnostic *diagnostic;
	/* Digests of lists that fare alike, as they are met. */
	struct group *groups;
	size_t group_count, group_room;
};

/* Indices, as the arrays behind them still grow. */
struct group {
	struct embargo_change change;
	__u32 list[2], timeline[2], first[2], ending[2], opening[2];
	struct embargo_digest digest;
};

static const struct embargo_timeline nothing;

static enum embargo_action strictest(const struct embargo_timeline *timeline)
{
	enum embargo_action action = EMBARGO_ACTION_UNKNOWN;

	for (__u32 i = 0; i < timeline->count; i++)
		if (timeline->steps[i].action > action)
			action = timeline->steps[i].action;
	return action;
}

/* What an authority itself says, its policy's head tells. */
static bool is_same_ground(const struct embargo_stand *old, const struct embargo_stand *fresh)
{
	for (__u32 i = 0; i < old->timeline->count; i++) {
		const struct embargo_step *was = &old->timeline->steps[i];
		const struct embargo_step *is = &fresh->timeline->steps[i];

		if (strcmp(old->reasons[was->reason].authority,
			   fresh->reasons[is->reason].authority))
			return false;
	}
	return true;
}

static bool is_same_ending(const struct embargo_stand *old, const struct embargo_stand *fresh)
{
	if (!old->terminates || !fresh->terminates)
		return old->terminates == fresh->terminates;
	return embargo_rule_grace(old->terminates) == embargo_rule_grace(fresh->terminates);
}

/* UNKNOWN: nothing changes. */
static enum embargo_change_kind judge(const struct embargo_stand *old,
				      const struct embargo_stand *fresh)
{
	enum embargo_action was = strictest(old->timeline), is = strictest(fresh->timeline);

	if (was <= EMBARGO_ACTION_OFF && is <= EMBARGO_ACTION_OFF)
		return EMBARGO_CHANGE_UNKNOWN;
	if (is >= EMBARGO_ACTION_DENY_NEW && was < EMBARGO_ACTION_DENY_NEW)
		return EMBARGO_CHANGE_DENIED;
	if (is < EMBARGO_ACTION_DENY_NEW && was >= EMBARGO_ACTION_DENY_NEW)
		return EMBARGO_CHANGE_FREED;
	if (is == EMBARGO_ACTION_AUDIT && was < EMBARGO_ACTION_AUDIT)
		return EMBARGO_CHANGE_AUDITED;
	if (is < EMBARGO_ACTION_AUDIT && was == EMBARGO_ACTION_AUDIT)
		return EMBARGO_CHANGE_FREED;
	if (!embargo_timeline_asks_same(old->timeline, fresh->timeline))
		return EMBARGO_CHANGE_MOVED;
	if (!is_same_ground(old, fresh))
		return EMBARGO_CHANGE_AUTHORITY;
	if (!is_same_ending(old, fresh))
		return EMBARGO_CHANGE_RUNNING;
	return !old->opens == !fresh->opens ? EMBARGO_CHANGE_UNKNOWN : EMBARGO_CHANGE_REACH;
}

/* Of all that stop what runs, the one that waits least; UINT32_MAX: none does. */
static __u32 find_ending(const struct embargo_side *side, const __u32 *rules, size_t count)
{
	__u32 found = UINT32_MAX;

	for (size_t i = 0; i < count; i++) {
		const struct embargo_rule *rule = side->bounds[rules[i]].rule;

		if (rule->terminates &&
		    (found == UINT32_MAX ||
		     embargo_rule_grace(rule) < embargo_rule_grace(side->bounds[found].rule)))
			found = rules[i];
	}
	return found;
}

/* The first that reaches: open; UINT32_MAX: none does. */
static __u32 find_opening(const struct embargo_side *side, const __u32 *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (side->bounds[rules[i]].rule->opens)
			return rules[i];
	return UINT32_MAX;
}

static void stand(const struct embargo_side *side, const struct group *group, int which,
		  struct embargo_stand *out)
{
	const __u32 timeline = group->timeline[which], first = group->first[which];
	const __u32 ending = group->ending[which], opening = group->opening[which];
	const __u32 list = group->list[which];

	*out = (struct embargo_stand) { .timeline = timeline ? &side->timelines.array[timeline]
							     : &nothing,
					.reasons = side->tables.reasons };
	if (first != UINT32_MAX) {
		out->rule = side->bounds[first].rule;
		out->policy = side->bounds[first].policy;
	}
	if (ending != UINT32_MAX)
		out->terminates = side->bounds[ending].rule;
	if (opening != UINT32_MAX)
		out->opens = side->bounds[opening].rule;
	if (list != EMBARGO_SIDE_NO_LIST)
		out->list = side->lists[list].list;
}

/* Asks @side about @count rules in comparison->rules. */
static int ask(struct comparison *comparison, int which, size_t count, struct group *group)
{
	const __u32 *rules = comparison->rules;
	struct embargo_side *side = comparison->sides[which];

	group->first[which] = count ? rules[0] : UINT32_MAX;
	group->ending[which] = find_ending(side, rules, count);
	group->opening[which] = find_opening(side, rules, count);
	return embargo_side_ask(side, rules, count, &group->timeline[which],
				comparison->diagnostic);
}

/* Both sides have been asked: now the timelines stay where they are. */
static void complete(const struct comparison *comparison, struct group *group)
{
	stand(comparison->sides[0], group, 0, &group->change.old);
	stand(comparison->sides[1], group, 1, &group->change.fresh);
	group->change.kind = judge(&group->change.old, &group->change.fresh);
}

static int tell(const struct comparison *comparison, struct group *group)
{
	complete(comparison, group);
	if (group->change.kind == EMBARGO_CHANGE_UNKNOWN)
		return 0;
	return comparison->each(comparison->context, &group->change);
}

static int compare_thing(struct comparison *comparison, const struct embargo_named *named)
{
	struct group group = { .list = { EMBARGO_SIDE_NO_LIST, EMBARGO_SIDE_NO_LIST } };
	int error = 0;

	group.change.thing = named->kind;
	group.change.value = named->value;
	group.change.count = 1;
	for (int i = 0; i < 2 && !error; i++)
		error = ask(comparison, i,
			    embargo_side_cover(comparison->sides[i], named->key, comparison->rules),
			    &group);
	return error ? error : tell(comparison, &group);
}

/* Past all entries of one key. */
static size_t skip_named(const struct embargo_side *side, size_t at)
{
	const char *key = side->named[at].key;

	while (at < side->named_count && !strcmp(side->named[at].key, key))
		at++;
	return at;
}

static int compare_things(struct comparison *comparison)
{
	const struct embargo_side *old = comparison->sides[0], *fresh = comparison->sides[1];
	size_t left = 0, right = 0;
	int error = 0;

	while (!error && (left < old->named_count || right < fresh->named_count)) {
		const struct embargo_named *was =
			left < old->named_count ? &old->named[left] : NULL;
		const struct embargo_named *is =
			right < fresh->named_count ? &fresh->named[right] : NULL;
		int order = !was ? 1 : !is ? -1 : strcmp(was->key, is->key);

		error = compare_thing(comparison, order < 0 ? was : is);
		if (order <= 0)
			left = skip_named(old, left);
		if (order >= 0)
			right = skip_named(fresh, right);
	}
	return error;
}

/* Takes the rules of the digest at @at off: how many entries there are. */
static size_t gather(const struct comparison *comparison, int which, size_t at, struct group *group)
{
	const struct embargo_side *side = comparison->sides[which];
	const struct embargo_numbered *digests = side->digests;
	size_t count = 0;

	group->list[which] = digests[at].list;
	while (at + count < side->digest_count &&
	       !memcmp(&digests[at + count].digest, &digests[at].digest,
		       sizeof(digests[at].digest))) {
		comparison->rules[count] = digests[at + count].rule;
		count++;
	}
	return count;
}

static bool is_alike(const struct group *left, const struct group *right)
{
	return !memcmp(left->list, right->list, sizeof(left->list)) &&
	       !memcmp(left->timeline, right->timeline, sizeof(left->timeline)) &&
	       !memcmp(left->first, right->first, sizeof(left->first)) &&
	       !memcmp(left->ending, right->ending, sizeof(left->ending)) &&
	       !memcmp(left->opening, right->opening, sizeof(left->opening));
}

/* @is_named: by the digest, not by how many there are. */
static int tell_digests(const struct comparison *comparison, struct group *group, bool is_named)
{
	char text[2 * EMBARGO_SHA256_SIZE + 1];

	group->change.thing = "sha256";
	if (is_named)
		group->change.value =
			embargo_hex_format(group->digest.bytes, EMBARGO_SHA256_SIZE, text);
	return tell(comparison, group);
}

/* What fares alike goes into one group; there are few, and the last is met most. */
static int enter(struct comparison *comparison, const struct group *group)
{
	size_t room = comparison->group_room ? 2 * comparison->group_room : 16;
	struct group *grown;

	for (size_t i = comparison->group_count; i-- > 0;) {
		if (!is_alike(&comparison->groups[i], group))
			continue;
		comparison->groups[i].change.count++;
		return 0;
	}
	if (comparison->group_count == comparison->group_room) {
		grown = reallocarray(comparison->groups, room, sizeof(*grown));
		if (!grown)
			return embargo_diagnostic_what(comparison->diagnostic, -ENOMEM,
						       "out of memory");
		comparison->groups = grown;
		comparison->group_room = room;
	}
	comparison->groups[comparison->group_count] = *group;
	comparison->group_count++;
	return 0;
}

/* The digest at both places, or at the one that has it (the other is past the end). */
static int compare_digest(struct comparison *comparison, bool in_old, size_t *left, bool in_fresh,
			  size_t *right)
{
	struct group group = { .change.count = 1,
			       .list = { EMBARGO_SIDE_NO_LIST, EMBARGO_SIDE_NO_LIST } };
	size_t count = 0;
	int error;

	group.digest = in_old ? comparison->sides[0]->digests[*left].digest
			      : comparison->sides[1]->digests[*right].digest;
	if (in_old)
		count = gather(comparison, 0, *left, &group);
	*left += count;
	error = ask(comparison, 0, count, &group);
	if (error)
		return error;
	count = in_fresh ? gather(comparison, 1, *right, &group) : 0;
	*right += count;
	error = ask(comparison, 1, count, &group);
	if (error)
		return error;
	complete(comparison, &group);
	if (group.change.kind == EMBARGO_CHANGE_UNKNOWN)
		return 0;
	return comparison->each_digest ? tell_digests(comparison, &group, true)
				       : enter(comparison, &group);
}

static int compare_digests(struct comparison *comparison)
{
	const struct embargo_side *old = comparison->sides[0], *fresh = comparison->sides[1];
	size_t left = 0, right = 0;
	int error = 0;

	while (!error && (left < old->digest_count || right < fresh->digest_count)) {
		int order = left == old->digest_count	   ? 1
			    : right == fresh->digest_count ? -1
							   : memcmp(&old->digests[left].digest,
								    &fresh->digests[right].digest,
								    sizeof(struct embargo_digest));

		error = compare_digest(comparison, order <= 0, &left, order >= 0, &right);
	}
	return error;
}

static int tell_groups(struct comparison *comparison)
{
	int error = 0;

	for (size_t i = 0; i < comparison->group_count && !error; i++) {
		struct group *group = &comparison->groups[i];

		error = tell_digests(comparison, group,
				     group->change.count == 1 &&
					     group->list[0] == EMBARGO_SIDE_NO_LIST &&
					     group->list[1] == EMBARGO_SIDE_NO_LIST);
	}
	return error;
}

int embargo_diff_sides(struct embargo_side *old, struct embargo_side *fresh, bool each_digest,
		       int (*each)(void *context, const struct embargo_change *change),
		       void *context, struct embargo_diagnostic *diagnostic)
{
	size_t room = old->bound_count > fresh->bound_count ? old->bound_count : fresh->bound_count;
	struct comparison comparison = { .sides = { old, fresh },
					 .each_digest = each_digest,
					 .each = each,
					 .context = context,
					 .diagnostic = diagnostic };
	_cleanup_free_
	__u32 *rules = calloc(room + 1, sizeof(*rules));
	int error;

	if (!rules)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	comparison.rules = rules;
	error = compare_things(&comparison);
	if (!error)
		error = compare_digests(&comparison);
	if (!error)
		error = tell_groups(&comparison);
	free(comparison.groups);
	return error;
}
