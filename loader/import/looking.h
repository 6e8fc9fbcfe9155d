/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into the files of a source, in processes without privileges. */
#ifndef EMBARGO_IMPORT_LOOKING_H
#define EMBARGO_IMPORT_LOOKING_H

#include "loader/base/cleanup.h"
#include "loader/base/diagnostic.h"
#include "loader/classify/classifier.h"

/* Zeroed memory: nothing was started. */
struct embargo_looking {
	struct embargo_classifier *classifier; /* NULL: in this process */
	bool is_started;
};

/* Looks in this process where @is_unconfined. Fills the diagnostic; returns 0 or -errno. */
int embargo_looking_start(struct embargo_looking *looking, bool is_unconfined,
			  struct embargo_diagnostic *diagnostic);
void embargo_looking_stop(struct embargo_looking *looking);

/* Has the regular file @fd looked into; what it does to those who look, no other file meets. The
 * caller frees @specimen. Errors: those of embargo_classifier_read(). */
int embargo_looking_look(struct embargo_looking *looking, int fd,
			 struct embargo_specimen *specimen);

#endif
