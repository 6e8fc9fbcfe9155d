// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo unload`: ends enforcement. */
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/enact/enact.h"

int embargo_cmd_unload(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int status = embargo_options_parse(&embargo_verb_unload, &argc, &argv, NULL);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_unload, argv[0]);
	if (!embargo_enact_stop(&diagnostic))
		return EMBARGO_EXIT_YES;
	embargo_log_diagnostic("unload", &diagnostic);
	return EMBARGO_EXIT_FAILURE;
}

const struct embargo_verb embargo_verb_unload = {
	.name = "unload",
	.summary = "end enforcement: detach and unpin everything",
	.run = embargo_cmd_unload,
};
