/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The law in force: what the kernel half would say to a file that runs already. */
#ifndef EMBARGO_SWEEP_LAW_H
#define EMBARGO_SWEEP_LAW_H

#include "loader/enact/policies.h"
#include "loader/identity/specimen.h"
#include "loader/sweep/contents.h"

struct embargo_law;

/* What it says of one file or module. */
struct embargo_ruling {
	bool is_refused;
	__u32 number;			     /* of the reason, in this generation */
	int64_t since;			     /* when the stage began, ns since 1970 */
	const struct embargo_reason *reason; /* the law's */
	const struct embargo_rule *rule;     /* the law's; NULL: its policy could not be read */
};

/*
 * Takes up generation @id, tables and policies. The caller closes @law; NULL may be closed. Errors:
 * -ESTALE where another generation is in force by now, or those of reading it.
 */
int embargo_law_open(const struct embargo_enacted_id *id, struct embargo_law **law,
		     struct embargo_diagnostic *diagnostic);
void embargo_law_close(struct embargo_law *law);

/* Could the policies be read? Without them nothing says what becomes of programs that run. */
bool embargo_law_has_policies(const struct embargo_law *law);

/* The kernel half's now, ns since 1970, and whether its clock was seen set back. */
int embargo_law_now(const struct embargo_law *law, int64_t *now, bool *is_behind);

/* An embargo_contents_asker: could a digest of such a file matter to the law @context? */
bool embargo_law_asks(const void *context, uint64_t size, uint32_t scopes);

/* May a file be let through for its digest's sake, whatever it is refused for? */
bool embargo_law_waives_digests(const struct embargo_law *law);

/* Does any rule name a path? */
bool embargo_law_names_paths(const struct embargo_law *law);

/* Does any rule concern modules of the kernel? */
bool embargo_law_concerns_modules(const struct embargo_law *law);

struct embargo_hearing {
	int64_t now;
	bool is_behind;
	const char *path; /* as the host's own namespace has it, or NULL */
};

/*
 * A file that is executed (@is_program) or mapped. A digest that cannot be had is nobody's fault
 * here: on-error does not count. Errors: -ENOMEM.
 */
int embargo_law_judge(const struct embargo_law *law, const struct embargo_hearing *hearing,
		      const struct embargo_file_content *content, bool is_program,
		      struct embargo_ruling *ruling);

/* A loaded module, by its file. Errors: -ENOMEM. */
int embargo_law_judge_module(const struct embargo_law *law, const struct embargo_hearing *hearing,
			     const struct embargo_specimen *specimen,
			     const struct embargo_arrival *arrival, struct embargo_ruling *ruling);

#endif
