/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `embargo identify` says of one file. */
#ifndef EMBARGO_CLI_IDENTIFY_REPORT_H
#define EMBARGO_CLI_IDENTIFY_REPORT_H

#include "loader/identity/specimen.h"
#include "loader/json/json.h"

/* A line for each identity and each fault. */
void embargo_identify_print(const char *path, const struct embargo_specimen *specimen);

/* Takes the object for @specimen into @array. Errors: -ENOMEM. */
int embargo_identify_add(json_t *array, const char *path, const struct embargo_specimen *specimen);

#endif
