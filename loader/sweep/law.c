// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables as they are in the kernel, the policies that they were made from, and their verdict.
 */
#include "loader/sweep/law.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/readback.h"
#include "loader/policy/match.h"
#include "loader/verdict/verdict.h"

/* How long the policies of a generation may be written after it: 3 s. */
#define POLICIES_NAPS	30
#define POLICIES_NAP_US 100000

struct embargo_law {
	struct embargo_enforcement *enforcement;
	struct embargo_readback force;
	struct embargo_policy_set *set; /* NULL: not there */
	struct embargo_tables numbered; /* the rules' own timelines, for what lists do not name */
};

static void cleanup_law(struct embargo_law **law)
{
	embargo_law_close(*law);
}

/*
 * Reports need no policies: they only say less of what becomes of programs that run. The policies
 * are written when their generation is in force already.
 */
static void read_policies(struct embargo_law *law, const struct embargo_enacted_id *id)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	int error = -ENOENT;

	for (int i = 0; error == -ENOENT && i < POLICIES_NAPS; i++) {
		if (i)
			usleep(POLICIES_NAP_US);
		error = embargo_enacted_read(id, &law->set, &ignored);
	}
	if (error) {
		law->set = NULL;
		return;
	}
	if (embargo_policy_set_number(law->set, &law->numbered, &ignored)) {
		embargo_policy_set_free(law->set);
		law->set = NULL;
	}
}

int embargo_law_open(const struct embargo_enacted_id *id, struct embargo_law **law,
		     struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_law) struct embargo_law *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_enforcement_open(&made->enforcement, diagnostic);
	if (error)
		return error;
	error = embargo_readback_read(made->enforcement, &made->force);
	if (error)
		return embargo_diagnostic_what(
			diagnostic, error, "cannot read what is in force: %s", strerror(-error));
	if (made->force.tables.head.number != id->generation)
		return embargo_diagnostic_what(diagnostic, -ESTALE,
					       "another generation is in force");
	made->force.tables.head.on_error = 0;
	read_policies(made, id);
	*law = TAKE_PTR(made);
	return 0;
}

void embargo_law_close(struct embargo_law *law)
{
	if (!law)
		return;
	embargo_enforcement_close(law->enforcement);
	embargo_readback_free(&law->force);
	embargo_tables_free(&law->numbered);
	embargo_policy_set_free(law->set);
	free(law);
}

bool embargo_law_has_policies(const struct embargo_law *law)
{
	return law->set;
}

int embargo_law_now(const struct embargo_law *law, int64_t *now, bool *is_behind)
{
	struct embargo_notes notes;
	int error = embargo_enforcement_notes(law->enforcement, &notes);

	if (!error)
		error = embargo_enforcement_now(law->enforcement, now);
	if (!error)
		*is_behind = notes.clock_behind;
	return error;
}

bool embargo_law_asks(const void *context, uint64_t size, uint32_t scopes)
{
	const struct embargo_law *law = context;
	const struct embargo_generation *head = &law->force.tables.head;

	if (size > head->max_hash)
		return false;
	if (head->unsized_scopes & scopes)
		return true;
	/* The sizes of what was learned have their bits here too. */
	return (head->sized_scopes & scopes) &&
	       embargo_filter_has(head->size_filter, embargo_size_bit(size));
}

bool embargo_law_waives_digests(const struct embargo_law *law)
{
	return law->force.tables.head.waived_digests;
}

bool embargo_law_names_paths(const struct embargo_law *law)
{
	return law->force.tables.head.path_count;
}

bool embargo_law_concerns_modules(const struct embargo_law *law)
{
	const struct embargo_generation *head = &law->force.tables.head;

	return ((head->unsized_scopes | head->sized_scopes | head->classifies) &
		EMBARGO_SCOPE_MODULE) ||
	       head->signer_count || head->path_count;
}

static const struct embargo_rule *find_rule(const struct embargo_law *law,
					    const struct embargo_reason *reason)
{
	for (size_t i = 0; law->set && i < law->set->count; i++) {
		const struct embargo_policy *policy = law->set->policies[i];

		if (strcmp(policy->id, reason->policy))
			continue;
		for (size_t j = 0; j < policy->rule_count; j++)
			if (!strcmp(policy->rules[j].id, reason->rule))
				return &policy->rules[j];
	}
	return NULL;
}

static void add_timeline(struct embargo_question *question, __u32 timeline)
{
	if (timeline && question->classification_count < EMBARGO_CLASSIFICATIONS)
		question->classifications[question->classification_count++].timeline = timeline;
}

static void add_waiver(struct embargo_question *question, __u32 waiver)
{
	if (waiver && question->waiver_count < EMBARGO_WAIVING_MAX)
		question->waivers[question->waiver_count++] = waiver;
}

/* The kernel half has these digests in a table of their own, each with all its rules. */
static void add_learned(const struct embargo_law *law, const struct embargo_digest *digest,
			struct embargo_question *question)
{
	const struct embargo_learned_digest *learned =
		embargo_readback_learned_find(&law->force, digest);

	if (!learned)
		return;
	for (size_t i = 0; i < EMBARGO_WAIVERS_MEET; i++)
		add_waiver(question, learned->waived.number[i]);
	if (!(learned->scopes & question->scope))
		return;
	for (__u32 i = 0; i < learned->count && i < EMBARGO_LEARNED_TIMELINES; i++)
		add_timeline(question, learned->timelines[i]);
}

static int judge(const struct embargo_law *law, const struct embargo_hearing *hearing,
		 struct embargo_question *question, struct embargo_ruling *ruling)
{
	const struct embargo_tables *tables = &law->force.tables;
	struct embargo_ruling found = { .is_refused = false };
	struct embargo_answer answer;
	int error;

	question->path = hearing->path;
	question->clock_behind = hearing->is_behind;
	for (size_t i = 0; i < question->candidate_count; i++)
		add_learned(law, &question->candidates[i].digest, question);
	error = embargo_question_answer(question, tables, hearing->now, &answer);
	if (error)
		return error;
	if (answer.decision.verdict == EMBARGO_VERDICT_DENY &&
	    answer.decision.reason < tables->reason_count) {
		found.is_refused = true;
		found.number = answer.decision.reason;
		found.since = answer.decision.since;
		found.reason = &tables->reasons[found.number];
		found.rule = find_rule(law, found.reason);
	}
	*ruling = found;
	return 0;
}

int embargo_law_judge(const struct embargo_law *law, const struct embargo_hearing *hearing,
		      const struct embargo_file_content *content, bool is_program,
		      struct embargo_ruling *ruling)
{
	struct embargo_question question = {
		.operation = is_program ? EMBARGO_OPERATION_EXEC : EMBARGO_OPERATION_MAP,
		.scope = is_program ? content->exec_scope : EMBARGO_SCOPE_MAP_EXEC,
		.ctime = content->arrival.ctime,
		.arrival_unknown = content->arrival.unknown,
	};

	if (content->is_hashed)
		question.candidates[question.candidate_count++] = (struct embargo_candidate) {
			.digest = content->digest,
			.size = content->size,
		};
	return judge(law, hearing, &question, ruling);
}

struct matching {
	const struct embargo_law *law;
	struct embargo_question *question;
};

static void add_rule(void *context, size_t rule, const struct embargo_identity *by)
{
	const struct matching *matching = context;

	(void)by;
	if (rule < matching->law->numbered.rule_count)
		add_timeline(matching->question, matching->law->numbered.rule_timelines[rule]);
}

static void add_found_waiver(void *context, __u32 waiver, const struct embargo_identity *by)
{
	const struct matching *matching = context;

	(void)by;
	add_waiver(matching->question, waiver);
}

int embargo_law_judge_module(const struct embargo_law *law, const struct embargo_hearing *hearing,
			     const struct embargo_specimen *specimen,
			     const struct embargo_arrival *arrival, struct embargo_ruling *ruling)
{
	const struct embargo_content *content =
		specimen->has_inner ? &specimen->inner : &specimen->file;
	const struct embargo_evidence evidence = { &specimen->identities, &content->digest,
						   content->size, hearing->path };
	struct embargo_question question = {
		.operation = EMBARGO_OPERATION_MODULE,
		.scope = EMBARGO_SCOPE_MODULE,
		.ctime = arrival->ctime,
		.arrival_unknown = arrival->unknown,
		.candidates = { { .digest = specimen->file.digest, .size = specimen->file.size } },
		.candidate_count = 1,
	};
	struct matching matching = { law, &question };

	/* What kmod takes out of a compressed file, the kernel gets from memory. */
	if (specimen->has_inner)
		question.candidates[question.candidate_count++] = (struct embargo_candidate) {
			.digest = specimen->inner.digest,
			.size = specimen->inner.size,
			.in_memory = true,
		};
	if (law->set) {
		embargo_policy_set_match(law->set, &evidence, add_rule, &matching);
		embargo_policy_set_match_waivers(law->set, &evidence, add_found_waiver, &matching);
	}
	return judge(law, hearing, &question, ruling);
}
