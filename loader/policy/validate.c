// SPDX-License-Identifier: GPL-2.0-or-later
/* Validate: ids are unique, names lead somewhere, and stages come in their order. */
#include <errno.h>
#include <string.h>

#include "loader/policy/document.h"

/* Where an array keeps its ids and marks. */
struct column {
	const char *what;
	const void *array;
	size_t count, size, id, mark;
};

static const char *id_at(const struct column *column, size_t index)
{
	return *(const char *const *)((const char *)column->array + index * column->size +
				      column->id);
}

static struct embargo_mark mark_at(const struct column *column, size_t index)
{
	return *(const struct embargo_mark *)((const char *)column->array + index * column->size +
					      column->mark);
}

static int check_ids(const struct embargo_reader *reader, const struct column *column)
{
	for (size_t i = 1; i < column->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(id_at(column, i), id_at(column, j)))
				return embargo_reader_refuse(
					reader, mark_at(column, i), -EINVAL, "rename one of them",
					"%s '%s' a second time; the first is in line %u",
					column->what, id_at(column, i), mark_at(column, j).line);
	return 0;
}

#define COLUMN(name, elements, number, type)                                                  \
	{                                                                                     \
		.what = (name), .array = (elements), .count = (number), .size = sizeof(type), \
		.id = offsetof(type, id), .mark = offsetof(type, mark),                       \
	}

static int check_all_ids(const struct embargo_reader *reader, const struct embargo_policy *policy)
{
	/* Schedules are keys of one mapping: the tree has seen to them. */
	const struct column columns[] = {
		COLUMN("authority", policy->authorities, policy->authority_count,
		       struct embargo_authority),
		COLUMN("vendor", policy->vendors, policy->vendor_count, struct embargo_vendor),
		COLUMN("rule", policy->rules, policy->rule_count, struct embargo_rule),
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && !error; i++)
		error = check_ids(reader, &columns[i]);
	return error;
}

static const struct embargo_schedule *find_schedule(const struct embargo_policy *policy,
						    const char *id)
{
	for (size_t i = 0; i < policy->schedule_count; i++)
		if (!strcmp(policy->schedules[i].id, id))
			return &policy->schedules[i];
	return NULL;
}

static int check_stage(const struct embargo_reader *reader, const struct embargo_policy *policy,
		       const struct embargo_stage *previous, struct embargo_stage *stage)
{
	if (previous && previous->at >= stage->at)
		return embargo_reader_refuse(reader, stage->mark, -EINVAL,
					     "put the stages in the order of their dates",
					     "a stage that is not later than the one before it");
	if (!stage->authority_id)
		return 0;
	stage->authority = embargo_policy_authority(policy, stage->authority_id);
	if (!stage->authority)
		return embargo_reader_refuse(reader, stage->mark, -EINVAL,
					     "add it under authorities:, or correct the name",
					     "no authority '%s'", stage->authority_id);
	return 0;
}

static int check_schedules(const struct embargo_reader *reader, struct embargo_policy *policy)
{
	int error = 0;

	for (size_t i = 0; i < policy->schedule_count; i++) {
		struct embargo_schedule *schedule = &policy->schedules[i];

		for (size_t j = 0; j < schedule->stage_count && !error; j++)
			error = check_stage(reader, policy, j ? &schedule->stages[j - 1] : NULL,
					    &schedule->stages[j]);
	}
	return error;
}

static int check_rule(const struct embargo_reader *reader, const struct embargo_policy *policy,
		      struct embargo_rule *rule)
{
	rule->vendor = embargo_policy_vendor(policy, rule->vendor_id);
	if (!rule->vendor)
		return embargo_reader_refuse(reader, rule->mark, -EINVAL,
					     "add it under vendors:, or correct the name",
					     "no vendor '%s'", rule->vendor_id);
	for (size_t i = 0; i < rule->choice_count; i++) {
		struct embargo_choice *choice = &rule->choices[i];

		choice->schedule = find_schedule(policy, choice->schedule_id);
		if (!choice->schedule)
			return embargo_reader_refuse(reader, choice->mark, -EINVAL,
						     "add it under schedules:, or correct the name",
						     "no schedule '%s'", choice->schedule_id);
	}
	return 0;
}

int embargo_document_validate(const struct embargo_reader *reader, struct embargo_policy *policy)
{
	int error = check_all_ids(reader, policy);

	if (!error)
		error = check_schedules(reader, policy);
	for (size_t i = 0; i < policy->rule_count && !error; i++)
		error = check_rule(reader, policy, &policy->rules[i]);
	if (!error && policy->issued.set && policy->expires.set &&
	    policy->expires.ns <= policy->issued.ns)
		return embargo_reader_refuse(reader, policy->mark, -EINVAL, "correct the dates",
					     "policy '%s' expires before it is issued", policy->id);
	return error;
}
