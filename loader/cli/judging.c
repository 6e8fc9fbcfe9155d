// SPDX-License-Identifier: GPL-2.0-or-later
/* Judging files: policies, owners, the classifier and the verdict, one after the other. */
#include "loader/cli/judging.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/classify/recollection.h"
#include "loader/crypto/anchors.h"
#include "loader/kernel/clock.h"
#include "loader/learned/list.h"
#include "loader/policy/policy.h"
#include "loader/watch/owners.h"

/*
 * The tables by which a kernel half that is loaded now would decide, and its now: a policy that was
 * issued says that this much time has passed.
 */
static int compile(struct embargo_judging *judging, const struct embargo_judging_options *options)
{
	struct embargo_policy_request request = {
		.files = options->policies.text,
		.count = options->policies.count,
		.profile = options->profile,
		.shipped_fallback = true,
		.learned = EMBARGO_LEARNED_FILE,
		.demand = EMBARGO_DEMAND_HOST,
	};
	struct embargo_diagnostic diagnostic = {}, ignored = {}; /* the watch tells of anchors */
	struct embargo_floor floor;
	int error;

	embargo_anchors_number_in(EMBARGO_ANCHORS_FOLDER, &request.anchors, &ignored);
	error = embargo_policy_set_read(&request, &judging->set, &diagnostic);
	if (!error)
		error = embargo_policy_set_compile(judging->set, &judging->tables, &diagnostic);
	if (error) {
		embargo_log_diagnostic("policy", &diagnostic);
		return error;
	}
	judging->at = embargo_clock_now();
	if (judging->at < embargo_policy_set_issued(judging->set))
		judging->at = embargo_policy_set_issued(judging->set);
	if (options->at != INT64_MIN)
		judging->at = options->at;
	embargo_floor_read(&floor);
	judging->clock_behind = floor.behind;
	return 0;
}

static void pass_over(void *context, const char *path)
{
	(void)context;
	(void)path;
}

/* What packages there are to be read is better than nothing; that there are others is said. */
static int read_owners(struct embargo_judging *judging)
{
	struct embargo_diagnostic diagnostic = {};
	int error = embargo_owners_open(&judging->owners);

	if (error)
		return error;
	error = embargo_owners_refresh(judging->owners, judging->set, true, pass_over, NULL,
				       &diagnostic);
	if (error >= 0)
		return 0;
	if (!diagnostic.what[0])
		embargo_diagnostic_what(&diagnostic, error, "the installed packages: %s",
					strerror(-error));
	embargo_log_diagnostic("packages", &diagnostic);
	judging->is_short_of_owners = true;
	return 0;
}

int embargo_judging_start(struct embargo_judging *judging,
			  const struct embargo_judging_options *options)
{
	int error = embargo_reading_start(&judging->reading, options->is_unconfined);

	if (!error)
		error = compile(judging, options);
	return error ? error : read_owners(judging);
}

void embargo_judging_remember(struct embargo_judging *judging, uint64_t ground)
{
	struct embargo_diagnostic ignored = {};
	bool was_damaged;

	if (embargo_index_open(EMBARGO_INDEX_FILE, &judging->index, &was_damaged, &ignored))
		return;
	if (!embargo_index_visit(judging->index, ground))
		return;
	embargo_index_close(judging->index);
	judging->index = NULL;
}

void embargo_judging_stop(struct embargo_judging *judging)
{
	embargo_index_close(judging->index);
	embargo_reading_stop(&judging->reading);
	embargo_owners_close(judging->owners);
	embargo_tables_free(&judging->tables);
	embargo_policy_set_free(judging->set);
	*judging = (struct embargo_judging) { .set = NULL };
}

/* By the index, or by a reading that it then has. */
static int look_into(struct embargo_judging *judging, int fd, struct embargo_specimen *specimen)
{
	struct embargo_index_key key;
	bool is_indexed = judging->index && !embargo_index_key_read(fd, &key);
	int error;

	if (is_indexed && !embargo_recollection_recall(judging->index, fd, &key, specimen)) {
		judging->remembered++;
		return 0;
	}
	error = embargo_reading_read(&judging->reading, fd, specimen);
	if (error)
		return error;
	judging->read++;
	if (is_indexed)
		embargo_recollection_keep(judging->index, fd, &key, specimen);
	return 0;
}

int embargo_judging_judge(struct embargo_judging *judging, int fd, const char *path,
			  enum embargo_operation operation, struct embargo_subject *subject,
			  struct embargo_answer *answer)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	int error = look_into(judging, fd, &specimen);

	if (!error)
		error = embargo_subject_make(fd, path, &specimen, operation, subject);
	/* As the watch does: a package's file is where its package has it. */
	if (!error && embargo_file_is_at(fd, subject->path))
		error = embargo_owners_add(judging->owners, subject->path,
					   &subject->specimen.identities);
	if (!error)
		error = embargo_subject_classify(subject, judging->set, &judging->tables);
	if (error)
		return error;
	subject->question.clock_behind = judging->clock_behind;
	return embargo_question_answer(&subject->question, &judging->tables, judging->at, answer);
}
