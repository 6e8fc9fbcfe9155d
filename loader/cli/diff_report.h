/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The difference of two sets of policies, for people and as JSON. */
#ifndef EMBARGO_CLI_DIFF_REPORT_H
#define EMBARGO_CLI_DIFF_REPORT_H

#include "loader/diff/diff.h"
#include "loader/diff/heads.h"
#include "loader/json/json.h"

/* What people read of one kind of change, printed at a profile's end. */
struct embargo_diff_section {
	FILE *stream;
	char *text;
	size_t size;
	char *stands; /* of the last things: said once, below all that have the same */
};

/* Zeroed but for `now` and the format is a report without differences. */
struct embargo_diff_report {
	int64_t now;		    /* what is past takes effect at once */
	const char *profile;	    /* whose changes follow, or NULL */
	json_t *policies, *changes; /* for JSON: arrays; else NULL */
	struct embargo_diff_section sections[EMBARGO_CHANGE_COUNT]; /* for people */
	size_t count;
};

/* Callbacks: @context is a struct embargo_diff_report. Errors: -ENOMEM. */
int embargo_diff_report_head(void *context, const struct embargo_head_change *change);
int embargo_diff_report_change(void *context, const struct embargo_change *change);

/* Prints what was gathered of one profile. Errors: -ENOMEM. */
int embargo_diff_report_profile(struct embargo_diff_report *report);

/* Prints the end, or all of the JSON. Errors: -ENOMEM, -EIO. */
int embargo_diff_report_end(struct embargo_diff_report *report);
void embargo_diff_report_free(struct embargo_diff_report *report);

#endif
