/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of verbs and options say to people. */
#ifndef EMBARGO_CLI_USAGE_H
#define EMBARGO_CLI_USAGE_H

#include <stdio.h>

#include "loader/cli/options.h"

/* The verbs of the program, one line each. */
void embargo_usage_program(FILE *out, const struct embargo_verb *const *verbs);

/* One verb with its options. */
void embargo_usage_verb(FILE *out, const struct embargo_verb *verb);

#endif
