// SPDX-License-Identifier: GPL-2.0-or-later
/* The classifier as imports use it. */
#include "loader/import/looking.h"

#include <errno.h>
#include <string.h>

/* As for the verbs that look into files: see loader/cli/reading.c. */
#define START_MS 20000
#define LOOK_MS	 60000
#define TRIES	 3

static int start(struct embargo_looking *looking)
{
	int error = embargo_classifier_start(NULL, &looking->classifier);

	if (!error)
		error = embargo_classifier_await(looking->classifier, START_MS);
	looking->is_started = !error;
	return error;
}

int embargo_looking_start(struct embargo_looking *looking, bool is_unconfined,
			  struct embargo_diagnostic *diagnostic)
{
	int error = is_unconfined ? 0 : start(looking);

	looking->is_started = !error;
	if (!error)
		return 0;
	embargo_diagnostic_remedy(
		diagnostic, "--unconfined reads files without, which is for files that you trust");
	return embargo_diagnostic_what(diagnostic, error,
				       "the processes that look into files cannot be started, or "
				       "give up their privileges: "
				       "%s",
				       strerror(-error));
}

void embargo_looking_stop(struct embargo_looking *looking)
{
	embargo_classifier_stop(looking->classifier);
	*looking = (struct embargo_looking) { .classifier = NULL };
}

int embargo_looking_look(struct embargo_looking *looking, int fd, struct embargo_specimen *specimen)
{
	int error = looking->is_started ? -EAGAIN : -EPIPE;

	for (int i = 0; i < TRIES && error == -EAGAIN; i++)
		error = looking->classifier ? embargo_classifier_read(looking->classifier, fd,
								      LOOK_MS, specimen)
					    : embargo_specimen_read(fd, specimen);
	if (looking->classifier && (error == -ETIMEDOUT || error == -EPIPE)) {
		embargo_looking_stop(looking);
		start(looking);
	}
	return error;
}
