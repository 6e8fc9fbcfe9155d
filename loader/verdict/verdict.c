// SPDX-License-Identifier: GPL-2.0-or-later
/* Working out a verdict: what matches is found once, then judged at each moment that matters. */
#include "loader/verdict/verdict.h"

#include <errno.h>
#include <stdlib.h>

#include "loader/base/cleanup.h"

/* One timeline that covers the question, in the kernel's order: digests, then paths. */
struct match {
	__u32 timeline;
	const struct embargo_identity *by;
	enum embargo_ground ground;
	size_t candidate;
	bool arrival_unknown;
};

/* Two digests and each directory of a path that the kernel follows, each with a file beside it. */
#define MATCHES_MAX (EMBARGO_CANDIDATES + EMBARGO_CLASSIFICATIONS + 2 * (EMBARGO_PATH_DEPTH + 1))

/* Sets by each digest and each directory, what was found in the file, and kexec_load(2). */
#define WAIVERS_MAX ((EMBARGO_CANDIDATES + EMBARGO_PATH_DEPTH + 4) * EMBARGO_WAIVERS_MEET)

struct matches {
	const struct embargo_question *question;
	const struct embargo_tables *tables;
	struct match match[MATCHES_MAX];
	size_t count;
	__u32 waivers[WAIVERS_MAX];
	size_t waiver_count;
	bool no_digest;
};

static void waive(struct matches *matches, __u32 waiver)
{
	if (waiver && waiver < matches->tables->waiver_count && matches->waiver_count < WAIVERS_MAX)
		matches->waivers[matches->waiver_count++] = waiver;
}

static void waive_set(struct matches *matches, __u32 set)
{
	for (size_t i = 0; i < EMBARGO_WAIVERS_MEET; i++)
		if (set && set < matches->tables->waiver_set_count)
			waive(matches, matches->tables->waiver_sets[set].number[i]);
}

static void add(struct matches *matches, __u32 timeline, enum embargo_ground ground,
		size_t candidate, bool arrival_unknown)
{
	if (!timeline || timeline >= matches->tables->timeline_count ||
	    matches->count == MATCHES_MAX)
		return;
	matches->match[matches->count++] = (struct match) {
		.timeline = timeline,
		.ground = ground,
		.candidate = candidate,
		.arrival_unknown = arrival_unknown,
	};
}

/* The size filter: does the kernel hash the candidate at all? */
static bool is_hashed(const struct embargo_tables *tables, __u32 scope,
		      const struct embargo_candidate *candidate)
{
	return ((tables->head.unsized_scopes | embargo_tables_size(tables, candidate->size)) &
		scope) != 0;
}

/* A file is hashed by the kernel, up to what the host allows; a buffer by the kernel half. */
static bool is_hashable(const struct embargo_tables *tables,
			const struct embargo_candidate *candidate)
{
	if (candidate->in_memory)
		return candidate->size <= EMBARGO_BUFFER_MAX;
	return !candidate->unhashable && candidate->size <= tables->head.max_hash;
}

static void match_candidate(struct matches *matches, size_t index)
{
	const struct embargo_question *question = matches->question;
	const struct embargo_tables *tables = matches->tables;
	const struct embargo_candidate *candidate = &question->candidates[index];
	bool unknown = question->arrival_unknown || candidate->in_memory;
	const struct embargo_listed *listed;

	/* For a waiver's sake the kernel hashes what a rule denies on other grounds, too. */
	if (!question->scope || is_hashable(tables, candidate))
		waive_set(matches, embargo_tables_waived(tables, &candidate->digest));
	if (question->scope && !is_hashed(tables, question->scope, candidate))
		return;
	if (question->scope && !is_hashable(tables, candidate)) {
		matches->no_digest = true;
		add(matches,
		    question->scope == EMBARGO_SCOPE_OPEN ? tables->head.open_error
							  : tables->head.on_error,
		    EMBARGO_GROUND_NO_DIGEST, index, unknown);
		return;
	}
	listed = embargo_tables_digest(tables, &candidate->digest);
	if (listed && (!question->scope || (listed->scopes & question->scope)))
		add(matches, embargo_listed_timeline(listed, question->scope),
		    EMBARGO_GROUND_DIGEST, index, unknown);
}

static void match_path(void *context, __u32 timeline, __u32 waived)
{
	struct matches *matches = context;

	waive_set(matches, waived);
	add(matches, timeline, EMBARGO_GROUND_PATH, 0, matches->question->arrival_unknown);
}

/* Rules that matched by what is in the file. They go first: "signed by" tells more than a digest.
 */
static void match_classifications(struct matches *matches)
{
	const struct embargo_question *question = matches->question;

	for (size_t i = 0; i < question->classification_count; i++) {
		size_t before = matches->count;

		add(matches, question->classifications[i].timeline, EMBARGO_GROUND_IDENTITY, 0,
		    question->arrival_unknown);
		if (matches->count > before)
			matches->match[before].by = question->classifications[i].by;
	}
}

static void find_matches(struct matches *matches)
{
	match_classifications(matches);
	for (size_t i = 0; i < matches->question->waiver_count; i++)
		waive(matches, matches->question->waivers[i]);
	for (size_t i = 0; i < matches->question->candidate_count; i++)
		match_candidate(matches, i);
	if (matches->question->path)
		embargo_tables_path(matches->tables, matches->question->path,
				    matches->question->scope, match_path, matches);
}

static __u32 decide(const struct matches *matches, const struct match *match, __u32 timeline,
		    int64_t now, struct embargo_decision *decision)
{
	const struct embargo_facts facts = {
		.now = now,
		.ctime = matches->question->ctime,
		.arrival_unknown = match->arrival_unknown,
		.clock_behind = matches->question->clock_behind,
	};

	return embargo_decide(decision, &matches->tables->timelines[timeline], &facts);
}

/* What is left of a denial by @match. Returns whether that is a denial: then `rest` has it. */
static bool settle_match(const struct matches *matches, const struct match *match, int64_t now,
			 struct embargo_waiving *waiving, const struct match **waived)
{
	const struct embargo_tables *tables = matches->tables;

	for (__u32 at = match->timeline; at && at < tables->part_count;
	     at = tables->parts[at].next) {
		const struct embargo_part *part = &tables->parts[at];
		struct embargo_decision decision = {};

		if (decide(matches, match, part->timeline, now, &decision) != EMBARGO_VERDICT_DENY)
			continue;
		if (!embargo_waiving_covers(waiving, part->policy)) {
			waiving->rest = decision;
			return true;
		}
		for (__u32 i = 0; i < EMBARGO_WAIVING_MAX; i++)
			embargo_waiving_compare(waiving, part->policy, i);
		if (embargo_waiving_pass(waiving, &decision))
			*waived = match;
	}
	return false;
}

/* What is left of a denial once waivers are taken into account; the match that led to it. */
static const struct match *settle(const struct matches *matches, int64_t now,
				  struct embargo_decision *decision,
				  const struct embargo_permit **waiver)
{
	const struct embargo_tables *tables = matches->tables;
	struct embargo_waiving waiving = {};
	const struct match *waived = NULL;

	for (size_t i = 0; i < matches->waiver_count; i++)
		embargo_waiving_add(&waiving, &tables->waivers[matches->waivers[i]],
				    matches->waivers[i], now);
	for (size_t i = 0; i < matches->count && waiving.count; i++) {
		const struct match *match = &matches->match[i];
		struct embargo_decision alone = {};

		if (decide(matches, match, match->timeline, now, &alone) != EMBARGO_VERDICT_DENY ||
		    !settle_match(matches, match, now, &waiving, &waived))
			continue;
		*decision = waiving.rest;
		return match;
	}
	if (!waiving.number)
		return NULL;
	*decision = waiving.waived;
	*waiver = &tables->waivers[waiving.number];
	return waived;
}

/* The strictest of all matches at @now; fills in whose it was where @answer is given. */
static struct embargo_decision judge(const struct matches *matches, int64_t now,
				     struct embargo_answer *answer)
{
	const struct embargo_permit *waiver = NULL;
	const struct match *ground = NULL, *settled;
	struct embargo_decision decision = {};

	for (size_t i = 0; i < matches->count; i++) {
		const struct match *match = &matches->match[i];
		__u32 before = decision.verdict;

		decide(matches, match, match->timeline, now, &decision);
		if (decision.verdict != before)
			ground = match;
	}
	if (decision.verdict == EMBARGO_VERDICT_UNKNOWN)
		decision.verdict = EMBARGO_VERDICT_ALLOW;
	if (decision.verdict == EMBARGO_VERDICT_DENY && matches->waiver_count) {
		settled = settle(matches, now, &decision, &waiver);
		ground = settled ? settled : ground;
	}
	if (answer && ground) {
		answer->ground = ground->ground;
		answer->candidate = ground->candidate;
		answer->by = ground->by;
	}
	if (answer)
		answer->waiver = waiver;
	return decision;
}

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void add_time(int64_t *times, size_t *count, int64_t at, int64_t now)
{
	if (at > now)
		times[(*count)++] = at;
}

/* The first step after @now, of any match, at which the verdict is another one. */
static int find_next(const struct matches *matches, int64_t now, struct embargo_answer *answer)
{
	_cleanup_free_
	int64_t *times = NULL;
	size_t count = 0;

	times = calloc(matches->count * EMBARGO_TIMELINE_STEPS + 2 * matches->waiver_count + 1,
		       sizeof(*times));
	if (!times)
		return -ENOMEM;
	for (size_t i = 0; i < matches->count; i++) {
		const struct embargo_timeline *timeline =
			&matches->tables->timelines[matches->match[i].timeline];

		for (__u32 j = 0; j < timeline->count && j < EMBARGO_TIMELINE_STEPS; j++)
			add_time(times, &count, timeline->steps[j].at, now);
	}
	for (size_t i = 0; i < matches->waiver_count; i++) {
		const struct embargo_permit *permit =
			&matches->tables->waivers[matches->waivers[i]];

		add_time(times, &count, permit->from, now);
		add_time(times, &count, permit->until, now);
	}
	qsort(times, count, sizeof(*times), compare_times);
	for (size_t i = 0; i < count; i++) {
		struct embargo_decision next = judge(matches, times[i], NULL);

		if (next.verdict == answer->decision.verdict)
			continue;
		answer->has_next = true;
		answer->next_at = times[i];
		answer->next = next;
		break;
	}
	return 0;
}

int embargo_question_answer(const struct embargo_question *question,
			    const struct embargo_tables *tables, int64_t now,
			    struct embargo_answer *answer)
{
	struct matches matches = { .question = question, .tables = tables };
	struct embargo_answer found = {};
	int error;

	find_matches(&matches);
	found.no_digest = matches.no_digest;
	found.decision = judge(&matches, now, &found);
	error = find_next(&matches, now, &found);
	if (!error)
		*answer = found;
	return error;
}
