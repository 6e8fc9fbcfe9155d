/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a package or a folder is left out of a list, and how that is told. */
#ifndef EMBARGO_IMPORT_LEFT_H
#define EMBARGO_IMPORT_LEFT_H

#include "loader/import/entry.h"

struct embargo_left {
	uint64_t interpreted; /* files that an interpreter reads, which is not them */
	uint64_t damaged;     /* compressed modules whose content cannot be read */
	uint64_t other;	      /* files that are no code */
	uint64_t mounted;     /* folders and files on which something is mounted */
};

/* Says each count that there is. Returns what the taker does. */
int embargo_left_note(const struct embargo_left *left, const struct embargo_import_taker *taker);

#endif
