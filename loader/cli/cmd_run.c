// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo run`: the daemon. */
#include <stdbool.h>

#include "loader/cli/commands.h"
#include "loader/cli/policy_options.h"
#include "loader/daemon/daemon.h"

struct options {
	struct embargo_policy_options policy;
	bool unload_on_exit;
};

static const struct embargo_option table[] = {
	EMBARGO_POLICY_OPTIONS(struct options, policy),
	{ .name = "unload-on-exit",
	  .summary = "take enforcement away when the daemon ends, also when it is killed",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, unload_on_exit) },
	EMBARGO_OPTIONS_END,
};

int embargo_cmd_run(int argc, char **argv)
{
	struct embargo_daemon_options daemon = { 0 };
	struct options options = { 0 };
	int status = embargo_options_parse(&embargo_verb_run, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_run, argv[0]);
	daemon.request = embargo_policy_options_request(&options.policy);
	daemon.unload_on_exit = options.unload_on_exit;
	return embargo_daemon_run(&daemon);
}

const struct embargo_verb embargo_verb_run = {
	.name = "run",
	.summary = "put the policies in force and report, as a daemon",
	.details = "What it puts in force stays in force when it ends, unless --unload-on-exit is "
		   "given. It runs in\nthe foreground; systemd starts it as embargo.service.",
	.options = table,
	.run = embargo_cmd_run,
};
