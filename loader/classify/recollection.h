/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found in a file, kept in the index and taken from there while the file is the same. */
#ifndef EMBARGO_CLASSIFY_RECOLLECTION_H
#define EMBARGO_CLASSIFY_RECOLLECTION_H

#include "loader/base/diagnostic.h"
#include "loader/identity/specimen.h"
#include "loader/index/index.h"

/*
 * What findings rest on, beside the files: this version, and @anchors, the number of the host's.
 * Ask embargo_anchors_number_in() before a classifier is started, which reads them, too.
 */
uint64_t embargo_recollection_ground(uint64_t anchors);

/*
 * What @index has of the open file @fd, whose key is @key, into @specimen, which is the caller's to
 * free: all but faults. Errors: -ENOENT where nothing is known, or somebody writes to the file: who
 * had dirtied a page of it could go on changing that page with no trace in the key.
 */
int embargo_recollection_recall(struct embargo_index *index, int fd,
				const struct embargo_index_key *key,
				struct embargo_specimen *specimen);

/*
 * Keeps what was found in @fd, whose key was @before when it began to be read. Does not where it is
 * another by now, somebody writes to it, or it is a compressed module: its content's size and
 * digest are not in the index.
 */
void embargo_recollection_keep(struct embargo_index *index, int fd,
			       const struct embargo_index_key *before,
			       const struct embargo_specimen *specimen);

#endif
