/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into files for a verb, in processes without privileges: an administrator's shell is root.
 */
#ifndef EMBARGO_CLI_READING_H
#define EMBARGO_CLI_READING_H

#include <stdbool.h>

#include "loader/cli/options.h"
#include "loader/identity/specimen.h"

struct embargo_classifier;

/* Zeroed memory: nothing was started. */
struct embargo_reading {
	struct embargo_classifier *classifier; /* NULL: in this process */
	bool is_started;
};

/* The row of a table of options, for a verb whose options have the bool @member. */
#define EMBARGO_UNCONFINED_OPTION(holder, member)                                   \
	{                                                                           \
		.name = "unconfined",                                               \
		.summary = "read files without a sandbox, where there can be none", \
		.type = EMBARGO_OPTION_FLAG, .offset = offsetof(holder, member)     \
	}

/* Starts the processes that look into files, or none where @is_unconfined. Says what is wrong and
 * what to do. Returns 0 or -errno. */
int embargo_reading_start(struct embargo_reading *reading, bool is_unconfined);
void embargo_reading_stop(struct embargo_reading *reading);

/*
 * Has the regular file @fd looked into. The caller frees @specimen. Errors: those of
 * embargo_classifier_read(), for embargo_reading_error().
 */
int embargo_reading_read(struct embargo_reading *reading, int fd,
			 struct embargo_specimen *specimen);

/* The sentence for an error of opening or reading a file. */
const char *embargo_reading_error(int error);

#endif
