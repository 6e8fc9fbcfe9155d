// SPDX-License-Identifier: GPL-2.0-or-later
/* Timelines: merging schedules, and one timeline for each set of rules. */
#include "loader/policy/timeline.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"

/* What @term asks for at @now; action UNKNOWN before its first stage. */
static struct embargo_step ask(const struct embargo_term *term, int64_t now)
{
	const struct embargo_stage *stages = term->schedule->stages;
	struct embargo_step step = { .at = now };
	size_t first = term->begun - 1;

	if (!term->begun)
		return step;
	/* deny-new that goes on under another authority still means what came since it began. */
	while (first && stages[first].action == EMBARGO_ACTION_DENY_NEW &&
	       stages[first - 1].action == EMBARGO_ACTION_DENY_NEW)
		first--;
	step.action = stages[term->begun - 1].action;
	if (step.action > term->cap)
		step.action = term->cap;
	step.since = stages[first].at;
	step.reason = term->reasons[term->begun - 1];
	return step;
}

static struct embargo_step ask_all(const struct embargo_term *terms, size_t count, int64_t now)
{
	struct embargo_step strictest = ask(&terms[0], now);
	bool yields = terms[0].yields;

	for (size_t i = 1; i < count; i++) {
		struct embargo_step step = ask(&terms[i], now);
		bool is_stricter = step.since < strictest.since;

		if (step.action != strictest.action)
			is_stricter = step.action > strictest.action;
		else if (step.action != EMBARGO_ACTION_DENY_NEW && terms[i].yields != yields)
			is_stricter = yields;
		if (!is_stricter)
			continue;
		strictest = step;
		yields = terms[i].yields;
	}
	return strictest;
}

/* The earliest stage of any term that has not begun; false where all have. */
static bool find_next(const struct embargo_term *terms, size_t count, int64_t *next)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		const struct embargo_schedule *schedule = terms[i].schedule;

		if (terms[i].begun == schedule->stage_count)
			continue;
		if (!found || schedule->stages[terms[i].begun].at < *next)
			*next = schedule->stages[terms[i].begun].at;
		found = true;
	}
	return found;
}

static void begin_stages(struct embargo_term *terms, size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++) {
		const struct embargo_schedule *schedule = terms[i].schedule;

		terms[i].begun += terms[i].begun < schedule->stage_count &&
				  schedule->stages[terms[i].begun].at == now;
	}
}

static bool is_same(const struct embargo_step *step, const struct embargo_step *previous)
{
	if (step->action != previous->action)
		return false;
	return step->action == EMBARGO_ACTION_OFF ||
	       (step->since == previous->since && step->reason == previous->reason);
}

int embargo_timeline_merge(struct embargo_term *terms, size_t count,
			   struct embargo_timeline *timeline)
{
	struct embargo_timeline merged = { 0 };
	int64_t now = 0;

	for (size_t i = 0; i < count; i++)
		terms[i].begun = 0;
	while (find_next(terms, count, &now)) {
		struct embargo_step step;

		begin_stages(terms, count, now);
		step = ask_all(terms, count, now);
		if (merged.count && is_same(&step, &merged.steps[merged.count - 1]))
			continue;
		if (merged.count == EMBARGO_TIMELINE_STEPS)
			return -E2BIG;
		merged.steps[merged.count++] = step;
	}
	*timeline = merged;
	return 0;
}

static int compare_known(const void *left, const void *right)
{
	const struct embargo_timeline_rules *a = left, *b = right;

	if (a->capped != b->capped)
		return a->capped - b->capped;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return memcmp(a->rules, b->rules, a->count * sizeof(a->rules[0]));
}

static struct embargo_timeline_rules *make_known(const __u32 *rules, size_t count, bool capped)
{
	struct embargo_timeline_rules *known = calloc(1, sizeof(*known) + count * sizeof(*rules));

	if (!known)
		return NULL;
	known->count = count;
	known->capped = capped;
	memcpy(known->rules, rules, count * sizeof(*rules));
	return known;
}

static int grow(struct embargo_timelines *timelines)
{
	size_t room = timelines->room ? 2 * timelines->room : 16;
	const struct embargo_timeline_rules **rules;
	struct embargo_timeline *array;

	if (timelines->count < timelines->room)
		return 0;
	array = reallocarray(timelines->array, room, sizeof(*array));
	if (!array)
		return -ENOMEM;
	timelines->array = array;
	rules = reallocarray(timelines->rules, room, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	timelines->rules = rules;
	timelines->room = room;
	if (!timelines->count) {
		rules[0] = NULL;
		array[timelines->count++] = (struct embargo_timeline) { 0 };
	}
	return 0;
}

static int merge_rules(struct embargo_timelines *timelines,
		       const struct embargo_timeline_rules *known)
{
	_cleanup_free_
	struct embargo_term *terms = calloc(2 * known->count, sizeof(*terms));
	size_t count = known->count;

	if (!terms)
		return -ENOMEM;
	for (size_t i = 0; i < known->count; i++) {
		const struct embargo_bound *bound = &timelines->bounds[known->rules[i]];
		bool is_capped = known->capped && !bound->policy->deny_on_error;

		terms[i].schedule = bound->schedule;
		terms[i].reasons = bound->reasons;
		terms[i].cap = is_capped ? EMBARGO_ACTION_AUDIT : EMBARGO_ACTION_DENY;
		if (bound->host.stage_count)
			terms[count++] = (struct embargo_term) {
				.schedule = &bound->host,
				.reasons = bound->host_reasons,
				.cap = terms[i].cap,
				.yields = true,
			};
	}
	return embargo_timeline_merge(terms, count, &timelines->array[timelines->count]);
}

static int refuse(const struct embargo_timelines *timelines,
		  const struct embargo_timeline_rules *known, struct embargo_diagnostic *diagnostic,
		  int error)
{
	const struct embargo_bound *last = &timelines->bounds[known->rules[known->count - 1]];

	if (error != -E2BIG)
		return embargo_diagnostic_what(diagnostic, error, "out of memory");
	embargo_diagnostic_at(diagnostic, last->policy->file, last->rule->mark.line,
			      last->rule->mark.column);
	embargo_diagnostic_remedy(diagnostic, "let the rules share schedules");
	return embargo_diagnostic_what(diagnostic, error,
				       "the %zu rules that meet on one file, or on a missing "
				       "digest, '%s' the last of them, have more than %d "
				       "different stages together",
				       known->count, last->rule->id, EMBARGO_TIMELINE_STEPS);
}

int embargo_timelines_find(struct embargo_timelines *timelines, const __u32 *rules, size_t count,
			   bool capped, __u32 *index, struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	struct embargo_timeline_rules *known = NULL;
	struct embargo_timeline_rules **entry;
	int error;

	if (!count) {
		*index = 0;
		return 0;
	}
	known = make_known(rules, count, capped);
	if (!known)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	entry = tfind(known, &timelines->known, compare_known);
	if (entry) {
		*index = (*entry)->index;
		return 0;
	}
	error = grow(timelines);
	if (!error)
		error = merge_rules(timelines, known);
	if (error)
		return refuse(timelines, known, diagnostic, error);
	known->index = (__u32)timelines->count;
	if (!tsearch(known, &timelines->known, compare_known))
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	timelines->rules[timelines->count++] = known;
	*index = known->index;
	known = NULL;
	return 0;
}

/* The rules of one policy from @first on; returns the place after the last. */
static size_t end_of_policy(const struct embargo_timelines *timelines,
			    const struct embargo_timeline_rules *known, size_t first)
{
	const struct embargo_bound *bounds = timelines->bounds;
	size_t end = first + 1;

	while (end < known->count &&
	       bounds[known->rules[end]].policy_number == bounds[known->rules[first]].policy_number)
		end++;
	return end;
}

/* Parts are appended behind the first of each timeline, linked as they come. */
static int divide(struct embargo_timelines *timelines, __u32 index, struct embargo_tables *tables,
		  struct embargo_diagnostic *diagnostic)
{
	const struct embargo_timeline_rules *known = timelines->rules[index];
	struct embargo_part *part = &tables->parts[index];
	size_t end;

	for (size_t first = 0; first < known->count; first = end) {
		int error;

		end = end_of_policy(timelines, known, first);
		if (first) {
			part->next = (__u32)tables->part_count;
			part = &tables->parts[tables->part_count++];
		}
		part->policy = timelines->bounds[known->rules[first]].policy_number;
		error = embargo_timelines_find(timelines, known->rules + first, end - first,
					       known->capped, &part->timeline, diagnostic);
		if (error)
			return error;
	}
	return 0;
}

/* How many policies have a part, over all timelines; each of them may become one more timeline. */
static size_t count_parts(const struct embargo_timelines *timelines)
{
	size_t count = 0;

	for (size_t i = 1; i < timelines->count; i++)
		for (size_t first = 0; first < timelines->rules[i]->count; count++)
			first = end_of_policy(timelines, timelines->rules[i], first);
	return count;
}

int embargo_timelines_divide(struct embargo_timelines *timelines, struct embargo_tables *tables,
			     struct embargo_diagnostic *diagnostic)
{
	size_t parts = count_parts(timelines), wholes = timelines->count + parts;
	int error = 0;

	/* Room for all timelines that may come into being, and behind them for the other parts. */
	tables->parts = calloc(wholes + parts + 1, sizeof(*tables->parts));
	if (!tables->parts)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	tables->part_count = wholes;
	for (__u32 i = 1; i < timelines->count && !error; i++)
		error = divide(timelines, i, tables, diagnostic);
	return error;
}

bool embargo_timeline_asks_same(const struct embargo_timeline *left,
				const struct embargo_timeline *right)
{
	if (left->count != right->count)
		return false;
	for (__u32 i = 0; i < left->count; i++)
		if (left->steps[i].at != right->steps[i].at ||
		    left->steps[i].since != right->steps[i].since ||
		    left->steps[i].action != right->steps[i].action)
			return false;
	return true;
}

void embargo_timelines_free(struct embargo_timelines *timelines)
{
	tdestroy(timelines->known, free);
	free(timelines->array);
	free(timelines->rules);
	*timelines = (struct embargo_timelines) { 0 };
}
