// SPDX-License-Identifier: GPL-2.0-or-later
/* What follows from how a way went. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/trial.h"
#include "loader/prove/prove.h"

static const char *const names[] = {
	[EMBARGO_OUTCOME_UNKNOWN] = "unknown", [EMBARGO_OUTCOME_CLOSED] = "closed",
	[EMBARGO_OUTCOME_AUDITED] = "audited", [EMBARGO_OUTCOME_OPEN] = "open",
	[EMBARGO_OUTCOME_ABSENT] = "absent",   [EMBARGO_OUTCOME_UNTRIED] = "untried",
};
_Static_assert(ARRAY_SIZE(names) == EMBARGO_OUTCOME_COUNT, "a word for each outcome");

const char *embargo_outcome_name(enum embargo_outcome outcome)
{
	return names[outcome < EMBARGO_OUTCOME_COUNT ? outcome : EMBARGO_OUTCOME_UNKNOWN];
}

static void __attribute__((format(printf, 3, 4)))
set(struct embargo_proof_way *result, enum embargo_outcome outcome, const char *format, ...)
{
	va_list arguments;

	result->outcome = outcome;
	va_start(arguments, format);
	vsnprintf(result->because, sizeof(result->because), format, arguments);
	va_end(arguments);
}

static const char *describe(int error)
{
	switch (error) {
	case -ECHILD:
		return "it ended otherwise than it should";
	case -ETIME:
		return "it did not end in time";
	default:
		return strerror(-error);
	}
}

static void judge_open(enum embargo_verdict told, int algorithm, struct embargo_proof_way *result)
{
	if (told == EMBARGO_VERDICT_AUDIT)
		set(result, EMBARGO_OUTCOME_AUDITED, "it was told of and not refused");
	else if (told == EMBARGO_VERDICT_DENY)
		set(result, EMBARGO_OUTCOME_OPEN, "it was refused at first, and got through");
	else if (algorithm < 0)
		set(result, EMBARGO_OUTCOME_OPEN,
		    "the kernel gives no digests (%s): boot one with CONFIG_IMA=y",
		    strerror(-algorithm));
	else if (algorithm != EMBARGO_ALGORITHM_SHA256)
		set(result, EMBARGO_OUTCOME_OPEN,
		    "the kernel's digests are no SHA-256: boot with ima_hash=sha256");
	else
		set(result, EMBARGO_OUTCOME_OPEN, "the kernel did not ask, or went by other bytes");
}

void embargo_prove_judge(const struct embargo_way *way, int twin, int listed,
			 enum embargo_verdict told, int algorithm, struct embargo_proof_way *result)
{
	result->way = way;
	result->because[0] = 0;
	if (way->open)
		set(result, EMBARGO_OUTCOME_OPEN, "%s", way->open);
	else if (twin == -ENOTSUP)
		set(result, EMBARGO_OUTCOME_ABSENT, "%s", way->absent ? way->absent : "");
	else if (twin)
		set(result, EMBARGO_OUTCOME_UNTRIED, "what is not listed fails, too: %s",
		    describe(twin));
	else if (!listed)
		judge_open(told, algorithm, result);
	else if (told == EMBARGO_VERDICT_DENY)
		result->outcome = EMBARGO_OUTCOME_CLOSED;
	else
		set(result, EMBARGO_OUTCOME_UNTRIED, "it failed, and nobody refused it: %s",
		    describe(listed));
}

enum embargo_outcome embargo_proof_worst(const struct embargo_proof *proof)
{
	enum embargo_outcome worst = EMBARGO_OUTCOME_CLOSED;

	for (size_t i = 0; i < proof->count; i++) {
		const struct embargo_proof_way *way = &proof->ways[i];

		if (way->way->open)
			continue;
		if (way->outcome == EMBARGO_OUTCOME_OPEN || way->outcome == EMBARGO_OUTCOME_AUDITED)
			return EMBARGO_OUTCOME_OPEN;
		if (way->outcome == EMBARGO_OUTCOME_UNTRIED)
			worst = EMBARGO_OUTCOME_UNTRIED;
	}
	return worst;
}
