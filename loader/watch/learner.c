// SPDX-License-Identifier: GPL-2.0-or-later
/* Learning digests by the rules in force. */
#include "loader/watch/learner.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/enact/policies.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/learned.h"
#include "loader/kernel/opener.h"
#include "loader/learned/list.h"
#include "loader/policy/digest_table.h"
#include "loader/policy/match.h"
#include "loader/watch/foundation.h"

/* A reload holds the list while it compiles. */
#define LIST_WAIT_MS 10000

/* Of all that is learned so much may be for waivers alone: they must not take the room of rules. */
#define WAIVED_MOST (EMBARGO_LEARNED_MAX / 8)

/* Lines that wait for a list that can be written again: a disk that stays full for long. What is
 * learned beyond is learned again when its file is next met. */
#define PENDING_MOST 1024

/* Rules that a file matches, by number, ascending: as many as a learned digest has timelines; and
 * the waivers of it, the first so many. */
struct rules {
	size_t count;
	__u32 number[EMBARGO_LEARNED_TIMELINES];
	size_t waiver_count;
	struct embargo_waiver_set waived;
};

/* A content that is learned already, and by which rules. */
struct known {
	struct embargo_digest digest;
	struct rules rules;
};

struct embargo_learner {
	struct embargo_enacted_id id;
	struct embargo_policy_set *set;
	struct embargo_tables tables; /* only what embargo_policy_set_number() makes */
	struct embargo_learned *map;
	struct embargo_foundation foundation;
	void *known; /* tsearch(3) tree of struct known */
	size_t known_count;
	size_t waived_count; /* of these, for waivers alone */
	uint64_t anchors;
	char **pending; /* lines of the list that it did not take yet */
	size_t pending_count;
};

int embargo_learner_open(struct embargo_learner **learner)
{
	struct embargo_learner *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->pending = calloc(PENDING_MOST, sizeof(*made->pending));
	if (!made->pending) {
		free(made);
		return -ENOMEM;
	}
	*learner = made;
	return 0;
}

static void forget(struct embargo_learner *learner)
{
	embargo_learned_close(learner->map);
	embargo_policy_set_free(learner->set);
	embargo_tables_free(&learner->tables);
	tdestroy(learner->known, free);
	*learner = (struct embargo_learner) { .foundation = learner->foundation,
					      .anchors = learner->anchors,
					      .pending = learner->pending,
					      .pending_count = learner->pending_count };
}

void embargo_learner_rest(struct embargo_learner *learner, uint64_t anchors)
{
	learner->anchors = anchors;
}

void embargo_learner_close(struct embargo_learner *learner)
{
	if (!learner)
		return;
	forget(learner);
	embargo_foundation_free(&learner->foundation);
	for (size_t i = 0; i < learner->pending_count; i++)
		free(learner->pending[i]);
	free(learner->pending);
	free(learner);
}

const struct embargo_policy_set *embargo_learner_policies(const struct embargo_learner *learner)
{
	return learner->set;
}

bool embargo_learner_is_needed(const struct embargo_learner *learner)
{
	return learner->set && learner->tables.head.classifies;
}

struct matching {
	struct embargo_learner *learner;
	struct rules rules;
	struct embargo_identities named; /* what rules asked for, without repetitions */
	const struct embargo_identity *by;
	int error;
};

static bool is_named(const struct embargo_identities *identities,
		     const struct embargo_identity *identity)
{
	for (size_t i = 0; i < identities->count; i++)
		if (embargo_identity_equal(&identities->array[i], identity))
			return true;
	return false;
}

static bool opens(const struct embargo_learner *learner, size_t rule)
{
	return embargo_policy_set_rule(learner->set, rule)->opens;
}

/* Two rules of one schedule ask for the same: the first of them speaks for both, where it reaches
 * as far. */
static bool is_represented(const struct matching *matching, size_t rule)
{
	const struct embargo_learner *learner = matching->learner;
	const struct embargo_tables *tables = &learner->tables;

	for (size_t i = 0; i < matching->rules.count; i++)
		if ((opens(learner, matching->rules.number[i]) || !opens(learner, rule)) &&
		    embargo_timeline_asks_same(
			    &tables->timelines[tables->rule_timelines[matching->rules.number[i]]],
			    &tables->timelines[tables->rule_timelines[rule]]))
			return true;
	return false;
}

static void take_rule(void *context, size_t rule, const struct embargo_identity *by)
{
	struct matching *matching = context;

	if (by && !is_named(&matching->named, by) && embargo_identities_copy(&matching->named, by))
		matching->error = -ENOMEM;
	if (!matching->rules.count)
		matching->by = by;
	if (matching->rules.count < EMBARGO_LEARNED_TIMELINES &&
	    matching->learner->tables.rule_timelines[rule] && !is_represented(matching, rule))
		matching->rules.number[matching->rules.count++] = (__u32)rule;
}

static void take_waiver(void *context, __u32 waiver, const struct embargo_identity *by)
{
	struct matching *matching = context;
	struct rules *rules = &matching->rules;

	if (!is_named(&matching->named, by) && embargo_identities_copy(&matching->named, by))
		matching->error = -ENOMEM;
	if (rules->waiver_count < EMBARGO_WAIVERS_MEET)
		rules->waived.number[rules->waiver_count++] = waiver;
}

/* All that the policies in force say of a file. */
static void match(struct matching *matching, const struct embargo_evidence *evidence)
{
	const struct embargo_policy_set *set = matching->learner->set;

	embargo_policy_set_match(set, evidence, take_rule, matching);
	embargo_policy_set_match_waivers(set, evidence, take_waiver, matching);
}

static int compare_known(const void *a, const void *b)
{
	const struct known *left = a, *right = b;

	return memcmp(&left->digest, &right->digest, sizeof(left->digest));
}

static bool has(const __u32 *numbers, size_t count, __u32 number)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static bool has_all(const struct rules *known, const struct rules *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (!has(known->number, known->count, wanted->number[i]))
			return false;
	for (size_t i = 0; i < wanted->waiver_count; i++)
		if (!has(known->waived.number, known->waiver_count, wanted->waived.number[i]))
			return false;
	return true;
}

static bool is_known(const struct embargo_learner *learner, const struct embargo_digest *digest,
		     const struct rules *rules)
{
	struct known wanted = { .digest = *digest };
	struct known *const *found = tfind(&wanted, &learner->known, compare_known);

	return found && has_all(&(*found)->rules, rules);
}

/* Where the same content lies elsewhere, it may fall under others: by its package, or its path. */
static void keep_known(const struct embargo_learner *learner, const struct embargo_digest *digest,
		       struct rules *rules)
{
	struct known wanted = { .digest = *digest };
	struct known *const *found = tfind(&wanted, &learner->known, compare_known);
	const struct rules *known = found ? &(*found)->rules : rules;

	for (size_t i = 0; i < known->count; i++)
		if (rules->count < EMBARGO_LEARNED_TIMELINES &&
		    !has(rules->number, rules->count, known->number[i]))
			rules->number[rules->count++] = known->number[i];
	for (size_t i = 0; i < known->waiver_count; i++)
		if (rules->waiver_count < EMBARGO_WAIVERS_MEET &&
		    !has(rules->waived.number, rules->waiver_count, known->waived.number[i]))
			rules->waived.number[rules->waiver_count++] = known->waived.number[i];
}

/* Notes that @rules have @digest; they replace fewer. */
static int remember(struct embargo_learner *learner, const struct embargo_digest *digest,
		    const struct rules *rules)
{
	struct known *made = calloc(1, sizeof(*made)), **entry;

	if (!made)
		return -ENOMEM;
	made->digest = *digest;
	entry = tsearch(made, &learner->known, compare_known);
	if (!entry) {
		free(made);
		return -ENOMEM;
	}
	if (*entry == made) {
		learner->known_count++;
		learner->waived_count += !rules->count;
	} else {
		free(made);
	}
	(*entry)->rules = *rules;
	return 0;
}

static int add(struct embargo_learner *learner, const struct embargo_learned_entry *entry,
	       const struct rules *rules)
{
	__u32 timelines[EMBARGO_LEARNED_TIMELINES], opening = 0;

	for (size_t i = 0; i < rules->count; i++) {
		timelines[i] = learner->tables.rule_timelines[rules->number[i]];
		opening |= (__u32)opens(learner, rules->number[i]) << i;
	}
	return embargo_learned_add(learner->map, learner->id.generation, &entry->digest,
				   entry->size, embargo_reach_scopes(entry->kind, true, opening),
				   timelines, rules->count, opening, &rules->waived);
}

struct retaking {
	struct embargo_learner *learner;
	bool is_pending; /* a generation that began meanwhile was made of the list, which has not
			  * this entry */
};

/* An entry from before, by the rules in force now. */
static int retake(void *context, const struct embargo_learned_entry *entry)
{
	const struct retaking *retaking = context;
	struct embargo_learner *learner = retaking->learner;
	struct matching matching = { .learner = learner };
	const struct embargo_evidence evidence = { &entry->identities, &entry->digest, entry->size,
						   entry->path };
	int error = 0;

	embargo_learned_entry_rest(entry, learner->anchors);
	match(&matching, &evidence);
	if (matching.rules.count || matching.rules.waiver_count) {
		if (retaking->is_pending)
			error = add(learner, entry, &matching.rules);
		if (!error)
			error = remember(learner, &entry->digest, &matching.rules);
	}
	embargo_identities_free(&matching.named);
	return error;
}

static int take_up(struct embargo_learner *learner, const struct embargo_enacted_id *id,
		   struct embargo_diagnostic *diagnostic)
{
	struct retaking listed = { learner, false }, pending = { learner, true };
	int error;

	forget(learner);
	error = embargo_enacted_read(id, &learner->set, diagnostic);
	if (!error)
		error = embargo_policy_set_number(learner->set, &learner->tables, diagnostic);
	if (!error)
		error = embargo_learned_open(&learner->map);
	/* The watch reads what nobody else may. */
	if (!error)
		error = embargo_opener_exempt();
	if (!error)
		error = embargo_learned_list_each(EMBARGO_LEARNED_FILE, retake, &listed);
	if (error) {
		forget(learner);
		return error;
	}
	learner->id = *id;
	/* Best effort: their files are met again. */
	for (size_t i = 0; i < learner->pending_count; i++)
		embargo_learned_list_line(learner->pending[i], strlen(learner->pending[i]), retake,
					  &pending);
	return 0;
}

int embargo_learner_follow(struct embargo_learner *learner, bool *changed,
			   struct embargo_diagnostic *diagnostic)
{
	struct embargo_enacted_id id;
	int error = embargo_enacted_find(&id);

	*changed = false;
	if (error || (learner->set && !memcmp(&id, &learner->id, sizeof(id))))
		return error;
	error = take_up(learner, &id, diagnostic);
	*changed = !error;
	if (!error)
		embargo_learned_sweep(learner->map);
	return error;
}

/* The list takes nothing: what was learned waits here. */
static int postpone(struct embargo_learner *learner, const struct embargo_learned_entry *entry,
		    int error)
{
	if (learner->pending_count == PENDING_MOST)
		return error;
	error = embargo_learned_list_encode(entry, &learner->pending[learner->pending_count]);
	if (!error)
		learner->pending_count++;
	return error;
}

/*
 * Into the kernel half first: it knows whether its generation is still the one whose numbers these
 * are. Who is ended before the list has it finds the file again at the next start. Where no list
 * can be kept no reload can hold its lock either.
 */
static int learn(struct embargo_learner *learner, const struct embargo_learned_entry *entry,
		 const struct rules *rules)
{
	_cleanup_close_ int lock = -1;
	int unkept = embargo_learned_list_lock(EMBARGO_LEARNED_FILE, LIST_WAIT_MS, &lock);
	int error = unkept == -EAGAIN ? unkept : add(learner, entry, rules);

	if (error)
		return error;
	if (!unkept)
		unkept = embargo_learned_list_append(EMBARGO_LEARNED_FILE, entry);
	if (unkept)
		error = postpone(learner, entry, unkept);
	return error ? error : remember(learner, &entry->digest, rules);
}

int embargo_learner_settle(struct embargo_learner *learner)
{
	_cleanup_close_ int lock = -1;
	size_t done = 0;
	int error = 0;

	if (!learner->pending_count)
		return 0;
	error = embargo_learned_list_lock(EMBARGO_LEARNED_FILE, 0, &lock);
	while (!error && done < learner->pending_count) {
		error = embargo_learned_list_append_line(EMBARGO_LEARNED_FILE,
							 learner->pending[done]);
		if (!error)
			free(learner->pending[done++]);
	}
	learner->pending_count -= done;
	memmove(learner->pending, learner->pending + done,
		learner->pending_count * sizeof(*learner->pending));
	return error;
}

static int consider(struct embargo_learner *learner, struct embargo_learned_entry *entry,
		    struct matching *matching, struct embargo_lesson *lesson)
{
	const struct embargo_content content = { entry->size, entry->digest };
	int error = embargo_foundation_refresh(&learner->foundation);

	if (error)
		return error;
	*lesson = (struct embargo_lesson) { .by = matching->by };
	if (matching->rules.count)
		embargo_policy_set_name(learner->set, matching->rules.number[0], &lesson->policy,
					&lesson->rule);
	lesson->is_foundation = embargo_foundation_has(&learner->foundation, &content);
	lesson->is_full = learner->known_count >= EMBARGO_LEARNED_MAX ||
			  (!matching->rules.count && learner->waived_count >= WAIVED_MOST);
	if (lesson->is_foundation || lesson->is_full)
		return 0;
	keep_known(learner, &content.digest, &matching->rules);
	entry->identities = matching->named;
	entry->at = embargo_clock_now();
	error = learn(learner, entry, &matching->rules);
	if (error == -E2BIG)
		lesson->is_full = true;
	return error == -E2BIG ? 0 : error;
}

int embargo_learner_consider(struct embargo_learner *learner, const char *path,
			     const struct embargo_specimen *specimen, struct embargo_lesson *lesson)
{
	const struct embargo_content *content =
		specimen->has_inner ? &specimen->inner : &specimen->file;
	const struct embargo_evidence evidence = { &specimen->identities, &content->digest,
						   content->size, path };
	struct embargo_learned_entry entry = {
		.digest = content->digest,
		.size = content->size,
		.kind = specimen->kind ? specimen->kind : EMBARGO_KIND_ANY,
		.path = path,
		.anchors = learner->anchors,
	};
	struct matching matching = { .learner = learner };
	int error, count;

	if (!learner->set || !content->size)
		return 0;
	match(&matching, &evidence);
	count = (int)matching.rules.count;
	error = matching.error;
	if (!error && ((!count && !matching.rules.waiver_count) ||
		       is_known(learner, &content->digest, &matching.rules)))
		count = 0;
	else if (!error)
		error = consider(learner, &entry, &matching, lesson);
	embargo_identities_free(&matching.named);
	return error ? error : count;
}
