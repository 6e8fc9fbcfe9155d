/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging files for a verb: what is in them, whose they are, and what the kernel would do. */
#ifndef EMBARGO_CLI_JUDGING_H
#define EMBARGO_CLI_JUDGING_H

#include "loader/cli/options.h"
#include "loader/cli/reading.h"
#include "loader/index/index.h"
#include "loader/verdict/subject.h"

struct embargo_judging_options {
	int64_t at; /* INT64_MIN: now */
	struct embargo_texts policies;
	const char *profile;
	bool is_unconfined;
};

/* The rows of a table of options, for options whose member @member is a struct
 * embargo_judging_options. */
#define EMBARGO_JUDGING_OPTIONS(holder, member)                              \
	{ .name = "at",                                                      \
	  .argument = "TIME",                                                \
	  .summary = "the verdict at this time, not now",                    \
	  .type = EMBARGO_OPTION_TIME,                                       \
	  .offset = offsetof(holder, member.at) },                           \
		{ .name = "policy",                                          \
		  .argument = "FILE",                                        \
		  .summary = "this policy, not the host's; may be repeated", \
		  .type = EMBARGO_OPTION_TEXTS,                              \
		  .offset = offsetof(holder, member.policies) },             \
		{ .name = "profile",                                         \
		  .argument = "NAME",                                        \
		  .summary = "the profile, not the host's",                  \
		  .type = EMBARGO_OPTION_TEXT,                               \
		  .offset = offsetof(holder, member.profile) },              \
		EMBARGO_UNCONFINED_OPTION(holder, member.is_unconfined)

/* Zeroed memory: nothing was started. */
struct embargo_judging {
	int64_t at;
	bool clock_behind;
	bool is_short_of_owners; /* packages could not be read: told */
	struct embargo_policy_set *set;
	struct embargo_tables tables;
	struct embargo_owners *owners;
	struct embargo_reading reading;
	struct embargo_index *index; /* NULL: each file is read */
	uint64_t read, remembered;
};

/*
 * Reads the policies (the host's, else the shipped ones, where none is named) and, where a rule
 * names packages, whose files are whose; starts what looks into files. Says what is wrong. The
 * caller stops, also where it failed. Returns 0 or -errno.
 */
int embargo_judging_start(struct embargo_judging *judging,
			  const struct embargo_judging_options *options);

/*
 * From now on what the index has of a file is taken for it, and what is found is kept there. A help
 * alone: where there is no index to be had, all goes on without. After the start; @ground is from
 * before it, see embargo_recollection_ground().
 */
void embargo_judging_remember(struct embargo_judging *judging, uint64_t ground);
void embargo_judging_stop(struct embargo_judging *judging);

/*
 * Judges the file @fd that @path opened. The caller frees @subject, into which @answer points.
 * Errors: those of embargo_reading_read(), -ENOMEM.
 */
int embargo_judging_judge(struct embargo_judging *judging, int fd, const char *path,
			  enum embargo_operation operation, struct embargo_subject *subject,
			  struct embargo_answer *answer);

#endif
