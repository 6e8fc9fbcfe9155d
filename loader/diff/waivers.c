// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparing the waivers of policies: what is let through, until when, and who says so. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/diff/heads.h"
#include "loader/diff/key.h"
#include "loader/policy/words.h"

#define SUBJECT_SIZE (EMBARGO_PATTERN_TEXT + 2 * EMBARGO_NAME_SIZE)

struct sides {
	const struct embargo_heads *heads;
	struct embargo_arena *arena;
	const struct embargo_policy *policies[2]; /* old, fresh */
	const char **keys[2];
};

static int make_keys(struct sides *sides, int which)
{
	const struct embargo_policy *policy = sides->policies[which];

	sides->keys[which] = embargo_arena_take(sides->arena, policy->waiver_count + 1,
						sizeof(*sides->keys[which]));
	if (!sides->keys[which])
		return -ENOMEM;
	for (size_t i = 0; i < policy->waiver_count; i++) {
		sides->keys[which][i] =
			embargo_key_make(sides->arena, &policy->waivers[i].identity);
		if (!sides->keys[which][i])
			return -ENOMEM;
	}
	return 0;
}

/* The waiver of @which that is the one at @index of the other side, or NULL. */
static const struct embargo_waiver *find(const struct sides *sides, int which, size_t index)
{
	const struct embargo_policy *policy = sides->policies[which];
	const struct embargo_waiver *wanted = &sides->policies[!which]->waivers[index];

	for (size_t i = 0; i < policy->waiver_count; i++)
		if (!strcmp(policy->waivers[i].ticket, wanted->ticket) &&
		    !strcmp(sides->keys[which][i], sides->keys[!which][index]))
			return &policy->waivers[i];
	return NULL;
}

static const char *subject_of(const struct embargo_waiver *waiver, char text[static SUBJECT_SIZE])
{
	char value[EMBARGO_PATTERN_TEXT];

	snprintf(text, SUBJECT_SIZE, "waiver %s of %s %s", waiver->ticket,
		 embargo_identity_kind_name(waiver->identity.identity.kind),
		 embargo_pattern_value(&waiver->identity, value));
	return text;
}

/* NULL for a side that does not have it. */
static int compare(const struct embargo_heads *heads, const struct embargo_waiver *old,
		   const struct embargo_waiver *fresh)
{
	const struct embargo_moment was = { old != NULL, old ? old->until : 0 };
	const struct embargo_moment is = { fresh != NULL, fresh ? fresh->until : 0 };
	char text[SUBJECT_SIZE];
	const char *subject = subject_of(old ? old : fresh, text);
	int error = embargo_heads_compare_moments(heads, subject, "until", &was, &is);

	if (!old || !fresh || error)
		return error;
	error = embargo_heads_compare_moments(heads, subject, "from", &old->from, &fresh->from);
	if (!error)
		error = embargo_heads_compare(heads, subject, "reason", old->reason, fresh->reason,
					      NULL);
	return error ? error
		     : embargo_heads_compare(heads, subject, "by", old->by, fresh->by, NULL);
}

/* Whose rules they waive, in one line. */
static int compare_waives(const struct sides *sides)
{
	char texts[2][1024];

	for (int i = 0; i < 2; i++) {
		const struct embargo_waives *waives = &sides->policies[i]->waives;
		size_t used = (size_t)snprintf(texts[i], sizeof(texts[i]), "%s",
					       waives->any     ? "any"
					       : waives->count ? ""
							       : "its own");

		for (size_t j = 0; j < waives->count && used < sizeof(texts[i]); j++)
			used += (size_t)snprintf(texts[i] + used, sizeof(texts[i]) - used, "%s%s",
						 j ? " " : "", waives->policies[j]);
	}
	return embargo_heads_compare(sides->heads, NULL, "waives", texts[0], texts[1], NULL);
}

static void free_arena(struct embargo_arena **arena)
{
	embargo_arena_free(*arena);
}

int embargo_heads_compare_waivers(const struct embargo_heads *heads,
				  const struct embargo_policy *old,
				  const struct embargo_policy *fresh)
{
	_cleanup_(free_arena) struct embargo_arena *arena = embargo_arena_new();
	struct sides sides = { .heads = heads, .arena = arena, .policies = { old, fresh } };
	int error = arena ? 0 : -ENOMEM;

	for (int i = 0; i < 2 && !error; i++)
		error = make_keys(&sides, i);
	if (!error)
		error = compare_waives(&sides);
	for (size_t i = 0; !error && i < old->waiver_count; i++)
		error = compare(heads, &old->waivers[i], find(&sides, 1, i));
	for (size_t i = 0; !error && i < fresh->waiver_count; i++)
		if (!find(&sides, 0, i))
			error = compare(heads, NULL, &fresh->waivers[i]);
	return error;
}
