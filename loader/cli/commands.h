/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the program, named once each. */
#ifndef EMBARGO_CLI_COMMANDS_H
#define EMBARGO_CLI_COMMANDS_H

#include "loader/cli/options.h"

/*
 * In the order of `embargo help`. VERB(name) declares `embargo_cmd_name` and `embargo_verb_name`,
 * which loader/cli/cmd_name.c defines, and enters the verb into the program: one line is all.
 */
/* clang-format off */
#define EMBARGO_VERBS(VERB) \
	VERB(run) \
	VERB(load) \
	VERB(reload) \
	VERB(unload) \
	VERB(status) \
	VERB(events) \
	VERB(doctor) \
	VERB(gate) \
	VERB(guard) \
	VERB(floor) \
	VERB(check) \
	VERB(scan) \
	VERB(identify) \
	VERB(hash) \
	VERB(policy) \
	VERB(completion)
/* clang-format on */

#define EMBARGO_VERB_DECLARE(name)                     \
	int embargo_cmd_##name(int argc, char **argv); \
	extern const struct embargo_verb embargo_verb_##name;
EMBARGO_VERBS(EMBARGO_VERB_DECLARE)
#undef EMBARGO_VERB_DECLARE

/* All verbs; NULL ends them. */
extern const struct embargo_verb *const embargo_verbs[];

#endif
