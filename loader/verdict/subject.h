/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that somebody asks about: from its name to the question that the kernel would decide. */
#ifndef EMBARGO_VERDICT_SUBJECT_H
#define EMBARGO_VERDICT_SUBJECT_H

#include <linux/limits.h>

#include "loader/identity/specimen.h"
#include "loader/policy/policy.h"
#include "loader/verdict/verdict.h"

struct embargo_subject {
	char path[PATH_MAX]; /* resolved; empty where nothing leads to the file */
	struct embargo_specimen specimen;
	struct embargo_identities learned; /* what was found where its content was learned */
	struct embargo_question question;  /* points into this subject: it is not to be copied */
};

/*
 * Makes @subject, which the caller frees, of the file @fd, which @path opened and in which
 * @specimen was found (taken over, also where it fails), and asks whether @operation may be done
 * with it; UNKNOWN asks for what is ordinary for its kind: a module is loaded, a package is opened,
 * everything else is executed. Errors: as embargo_arrival_read().
 */
int embargo_subject_make(int fd, const char *path, struct embargo_specimen *specimen,
			 enum embargo_operation operation, struct embargo_subject *subject);

/*
 * Adds to the question which rules of @set, compiled to @tables, the file falls under by what is in
 * it, or by what was found where the same content was learned. Errors: -ENOMEM, or those of reading
 * the learned digests.
 */
int embargo_subject_classify(struct embargo_subject *subject, const struct embargo_policy_set *set,
			     const struct embargo_tables *tables);
void embargo_subject_free(struct embargo_subject *subject);

/* Does the kernel half look at this operation at all? */
static inline bool embargo_subject_is_enforced(const struct embargo_subject *subject)
{
	return subject->question.scope != 0;
}

#endif
