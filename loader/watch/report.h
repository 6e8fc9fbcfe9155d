/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the watch has done, from its process to `status`. */
#ifndef EMBARGO_WATCH_REPORT_H
#define EMBARGO_WATCH_REPORT_H

#include "loader/watch/examiner.h"
#include "loader/watch/inventory.h"

struct embargo_watch_report {
	uint64_t process; /* of the watch */
	struct embargo_examiner_counts counts;
	struct embargo_inventory_progress inventory;
};

/* EMBARGO_WATCH_FILE is JSON, written anew as a whole every second; one that cannot be written only
 * makes `status` say less. */
void embargo_watch_report_write(const struct embargo_examiner_counts *counts,
				const struct embargo_inventory_progress *progress);

/* An orderly end leaves none. */
void embargo_watch_report_remove(void);

/* Errors: -ENOENT where no watch runs, -EBADMSG. */
int embargo_watch_report_read(struct embargo_watch_report *report);

/* A line for people: which file falls under which rule, by what, and where it is not refused, why.
 */
char *embargo_lesson_format(const struct embargo_lesson *lesson, const char *path, char *text,
			    size_t size);

#endif
