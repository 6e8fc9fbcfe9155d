/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs below `embargo policy`. */
#ifndef EMBARGO_CLI_CMD_POLICY_H
#define EMBARGO_CLI_CMD_POLICY_H

#include "loader/cli/commands.h"

extern const struct embargo_verb embargo_verb_policy_lint;
extern const struct embargo_verb embargo_verb_policy_show;
extern const struct embargo_verb embargo_verb_policy_schedule;
extern const struct embargo_verb embargo_verb_policy_import;
extern const struct embargo_verb embargo_verb_policy_export;
extern const struct embargo_verb embargo_verb_policy_diff;
extern const struct embargo_verb embargo_verb_policy_forecast;
extern const struct embargo_verb embargo_verb_policy_sign;
extern const struct embargo_verb embargo_verb_policy_verify;
extern const struct embargo_verb embargo_verb_policy_versions;

#endif
