/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof: canaries are banned in a private slot, and each way to run or load them is tried. */
#ifndef EMBARGO_PROVE_PROVE_H
#define EMBARGO_PROVE_PROVE_H

#include "loader/base/diagnostic.h"
#include "loader/prove/way.h"

enum embargo_outcome {
	EMBARGO_OUTCOME_UNKNOWN,
	EMBARGO_OUTCOME_CLOSED,	 /* refused, and told of; its twin got through */
	EMBARGO_OUTCOME_AUDITED, /* it got through, and was told of */
	EMBARGO_OUTCOME_OPEN,	 /* it got through */
	EMBARGO_OUTCOME_ABSENT,	 /* this host has no such way */
	EMBARGO_OUTCOME_UNTRIED, /* it could not be tried: nothing is known */
	EMBARGO_OUTCOME_COUNT,
};

#define EMBARGO_PROOF_TEXT (2 * EMBARGO_DIAGNOSTIC_TEXT + 2)

struct embargo_proof_way {
	const struct embargo_way *way;
	enum embargo_outcome outcome;
	char because[EMBARGO_PROOF_TEXT]; /* "" where it is closed */
};

struct embargo_proof {
	struct embargo_proof_way *ways;
	size_t count;
};

/* "closed", "audited", "open", "absent", "untried" or "unknown". */
const char *embargo_outcome_name(enum embargo_outcome outcome);

/*
 * What follows from how @way went: @twin and @listed are what its attempts returned, @told what
 * the slot told of the listed bytes, @algorithm what IMA answers.
 */
void embargo_prove_judge(const struct embargo_way *way, int twin, int listed,
			 enum embargo_verdict told, int algorithm,
			 struct embargo_proof_way *result);

/* The worst that is no limit that is known: OPEN (AUDITED too), UNTRIED, or CLOSED. */
enum embargo_outcome embargo_proof_worst(const struct embargo_proof *proof);

/*
 * Tries them all; takes this process into a mount namespace of its own. Where the kernel does not
 * ask BPF programs at all, each way is open for that reason. Errors: -EPERM not root, or what the
 * kernel said.
 */
int embargo_prove(struct embargo_proof *proof, struct embargo_diagnostic *diagnostic);
void embargo_proof_free(struct embargo_proof *proof);

#endif
