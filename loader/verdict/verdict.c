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

struct matches {
	const struct embargo_question *question;
	const struct embargo_tables *tables;
	struct match match[MATCHES_MAX];
	size_t count;
	bool no_digest;
};

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

	if (question->scope && !is_hashed(tables, question->scope, candidate))
		return;
	if (question->scope && !is_hashable(tables, candidate)) {
		matches->no_digest = true;
		add(matches, tables->head.on_error, EMBARGO_GROUND_NO_DIGEST, index, unknown);
		return;
	}
	listed = embargo_tables_digest(tables, &candidate->digest);
	if (listed && (!question->scope || (listed->scopes & question->scope)))
		add(matches, listed->timeline, EMBARGO_GROUND_DIGEST, index, unknown);
}

static void match_path(void *context, __u32 timeline)
{
	struct matches *matches = context;

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
	for (size_t i = 0; i < matches->question->candidate_count; i++)
		match_candidate(matches, i);
	if (matches->question->path)
		embargo_tables_path(matches->tables, matches->question->path, match_path, matches);
}

/* The strictest of all matches at @now; fills in whose it was where @answer is given. */
static struct embargo_decision judge(const struct matches *matches, int64_t now,
				     struct embargo_answer *answer)
{
	struct embargo_decision decision = {};

	for (size_t i = 0; i < matches->count; i++) {
		const struct match *match = &matches->match[i];
		struct embargo_facts facts = {
			.now = now,
			.ctime = matches->question->ctime,
			.arrival_unknown = match->arrival_unknown,
			.clock_behind = matches->question->clock_behind,
		};
		__u32 before = decision.verdict;

		embargo_decide(&decision, &matches->tables->timelines[match->timeline], &facts);
		if (answer && decision.verdict != before) {
			answer->ground = match->ground;
			answer->candidate = match->candidate;
			answer->by = match->by;
		}
	}
	if (decision.verdict == EMBARGO_VERDICT_UNKNOWN)
		decision.verdict = EMBARGO_VERDICT_ALLOW;
	return decision;
}

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The first step after @now, of any match, at which the verdict is another one. */
static int find_next(const struct matches *matches, int64_t now, struct embargo_answer *answer)
{
	_cleanup_free_
	int64_t *times = NULL;
	size_t count = 0;

	times = malloc((matches->count + 1) * EMBARGO_TIMELINE_STEPS * sizeof(*times));
	if (!times)
		return -ENOMEM;
	for (size_t i = 0; i < matches->count; i++) {
		const struct embargo_timeline *timeline =
			&matches->tables->timelines[matches->match[i].timeline];

		for (__u32 j = 0; j < timeline->count && j < EMBARGO_TIMELINE_STEPS; j++)
			if (timeline->steps[j].at > now)
				times[count++] = timeline->steps[j].at;
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
