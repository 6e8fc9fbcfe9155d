/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The learner: from what was found in a file to a digest that the kernel half refuses. */
#ifndef EMBARGO_WATCH_LEARNER_H
#define EMBARGO_WATCH_LEARNER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/base/diagnostic.h"
#include "loader/identity/specimen.h"
#include "loader/policy/policy.h"

struct embargo_learner;

/* What was learned of one file, for the caller to tell. All of it belongs to the learner and is
 * good until its next call. */
struct embargo_lesson {
	const char *policy;
	const char *rule;
	const struct embargo_identity *by; /* NULL: by digest and path together */
	bool is_foundation;		   /* not learned: PID 1 or embargo itself runs on it */
	bool is_full;			   /* not learned: EMBARGO_LEARNED_MAX are */
};

/* The caller closes @learner. Returns 0 or -errno. */
int embargo_learner_open(struct embargo_learner **learner);
void embargo_learner_close(struct embargo_learner *learner);

/* What is learned and gone by from now on rests on @anchors: see embargo_anchors_number(). */
void embargo_learner_rest(struct embargo_learner *learner, uint64_t anchors);

/*
 * Takes up the generation in force, where that is another one than the last time: @changed says so,
 * and then all files have to be considered anew. Errors: -ENOENT where nothing is in force or its
 * policies are not there yet, with what is wrong in @diagnostic.
 */
int embargo_learner_follow(struct embargo_learner *learner, bool *changed,
			   struct embargo_diagnostic *diagnostic);

/* The policies that it goes by; NULL before the first success of embargo_learner_follow(). */
const struct embargo_policy_set *embargo_learner_policies(const struct embargo_learner *learner);

/* Is any file to be looked into? */
bool embargo_learner_is_needed(const struct embargo_learner *learner);

/*
 * Holds @specimen, of the file at @path (resolved, or NULL), against the rules, and has what
 * matches refused from now on, and after every boot. Returns how many rules match (@lesson tells of
 * the first), 0 where none does (what is only waived is learned without a word) or all of it is
 * known, or -errno: -ESTALE where another generation
 * came in between (follow, and consider again).
 */
int embargo_learner_consider(struct embargo_learner *learner, const char *path,
			     const struct embargo_specimen *specimen,
			     struct embargo_lesson *lesson);

/*
 * What was learned while the list could not be written is refused all the same, and kept here.
 * Tries to write it; to be called every second or so. Returns 0 where nothing is left to be
 * written, or -errno: why the list takes nothing.
 */
int embargo_learner_settle(struct embargo_learner *learner);

#endif
