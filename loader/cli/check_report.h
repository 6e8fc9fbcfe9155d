/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `embargo check` says of one file, to people and to programs. */
#ifndef EMBARGO_CLI_CHECK_REPORT_H
#define EMBARGO_CLI_CHECK_REPORT_H

#include <stdint.h>

#include "loader/json/json.h"
#include "loader/model/tables.h"
#include "loader/verdict/subject.h"

struct embargo_check_report {
	const char *path;    /* as it was asked for */
	const char *process; /* the id of the process that has the file open, or NULL */
	const struct embargo_subject *subject;
	const struct embargo_answer *answer;
	const struct embargo_tables *tables;
	int64_t at; /* the moment that was asked about, ns since 1970 */
};

/* One block of lines on standard output. */
void embargo_check_report_print(const struct embargo_check_report *report);

/* One line on standard output: the file, the verdict, the rule and what matched. */
void embargo_check_report_print_line(const struct embargo_check_report *report);

/* A new reference in @object. Errors: -ENOMEM. */
int embargo_check_report_to_json(const struct embargo_check_report *report, json_t **object);

#endif
