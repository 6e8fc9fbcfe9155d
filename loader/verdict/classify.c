// SPDX-License-Identifier: GPL-2.0-or-later
/* Which rules a file falls under by what is in it: what the kernel half learns once it is seen. */
#include <string.h>

#include "loader/learned/list.h"
#include "loader/policy/digest_table.h"
#include "loader/policy/match.h"
#include "loader/verdict/subject.h"

struct classifying {
	struct embargo_subject *subject;
	const struct embargo_policy_set *set;
	const struct embargo_tables *tables;
	const struct embargo_content *content;
};

static void add(void *context, size_t rule, const struct embargo_identity *by)
{
	const struct classifying *classifying = context;
	struct embargo_question *question = &classifying->subject->question;
	__u32 timeline = classifying->tables->rule_timelines[rule];

	if (question->scope == EMBARGO_SCOPE_OPEN &&
	    !embargo_policy_set_rule(classifying->set, rule)->opens)
		return;
	if (!timeline || question->classification_count == EMBARGO_CLASSIFICATIONS)
		return;
	question->classifications[question->classification_count++] =
		(struct embargo_classification) { timeline, by };
}

static void waive(void *context, __u32 waiver, const struct embargo_identity *by)
{
	const struct classifying *classifying = context;
	struct embargo_question *question = &classifying->subject->question;

	(void)by;
	if (question->waiver_count < EMBARGO_WAIVING_MAX)
		question->waivers[question->waiver_count++] = waiver;
}

/* The entry of the very content; its identities outlive it in the subject. */
static int look_at_entry(void *context, const struct embargo_learned_entry *entry)
{
	const struct classifying *classifying = context;
	struct embargo_identities *learned = &classifying->subject->learned;
	struct embargo_evidence evidence;
	int error = 0;

	if (memcmp(&entry->digest, &classifying->content->digest, sizeof(entry->digest)))
		return 0;
	embargo_learned_entry_rest(entry, classifying->set->anchors);
	embargo_identities_free(learned);
	for (size_t i = 0; i < entry->identities.count && !error; i++)
		error = embargo_identities_copy(learned, &entry->identities.array[i]);
	if (error)
		return error;
	evidence = (struct embargo_evidence) { learned, &entry->digest, entry->size, entry->path };
	embargo_policy_set_match(classifying->set, &evidence, add, context);
	embargo_policy_set_match_waivers(classifying->set, &evidence, waive, context);
	return 0;
}

/* A learned digest counts where one of its kind is looked up. */
static bool is_looked_up(const struct embargo_subject *subject)
{
	enum embargo_kind kind = subject->specimen.kind ? subject->specimen.kind : EMBARGO_KIND_ANY;
	__u32 scope = subject->question.scope;

	return !scope || (embargo_reach_scopes(kind, true, true) & scope);
}

int embargo_subject_classify(struct embargo_subject *subject, const struct embargo_policy_set *set,
			     const struct embargo_tables *tables)
{
	const struct embargo_specimen *specimen = &subject->specimen;
	struct classifying classifying = {
		.subject = subject,
		.set = set,
		.tables = tables,
		.content = specimen->has_inner ? &specimen->inner : &specimen->file,
	};
	const struct embargo_evidence evidence = {
		.identities = &specimen->identities,
		.digest = &classifying.content->digest,
		.size = classifying.content->size,
		.path = subject->question.path,
	};

	embargo_policy_set_match_waivers(set, &evidence, waive, &classifying);
	if (!is_looked_up(subject))
		return 0;
	embargo_policy_set_match(set, &evidence, add, &classifying);
	if (subject->question.classification_count || !set->learned)
		return 0;
	return embargo_learned_list_each(set->learned, look_at_entry, &classifying);
}
