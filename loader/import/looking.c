// SPDX-License-Identifier: GPL-2.0-or-later
/* The classifier as imports use it. */
#include "loader/import/looking.h"

#include <errno.h>
#include <string.h>

/* As for the verbs that look into files: see loader/cli/reading.c. */
#define START_MS 20000
#define LOOK_MS	 60000
#define TRIES	 3

int embargo_looking_start(struct embargo_looking *looking, struct embargo_diagnostic *diagnostic)
{
	int error = embargo_classifier_start(NULL, &looking->classifier);

	if (!error)
		error = embargo_classifier_await(looking->classifier, START_MS);
	if (!error)
		return 0;
	embargo_diagnostic_remedy(diagnostic, "import on a host whose kernel has seccomp");
	return embargo_diagnostic_what(diagnostic, error,
				       "the processes that look into files cannot be started, or "
				       "give up their privileges: "
				       "%s",
				       strerror(-error));
}

void embargo_looking_stop(struct embargo_looking *looking)
{
	embargo_classifier_stop(looking->classifier);
	looking->classifier = NULL;
}

int embargo_looking_look(struct embargo_looking *looking, int fd, struct embargo_specimen *specimen)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	int error = looking->classifier ? -EAGAIN : -EPIPE;

	for (int i = 0; i < TRIES && error == -EAGAIN; i++)
		error = embargo_classifier_read(looking->classifier, fd, LOOK_MS, specimen);
	if (error == -ETIMEDOUT || error == -EPIPE) {
		embargo_looking_stop(looking);
		embargo_looking_start(looking, &ignored);
	}
	return error;
}
