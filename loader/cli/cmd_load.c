// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo load` and `embargo reload`: enforcement that needs no daemon. */
#include <errno.h>
#include <stdio.h>

#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/cli/policy_options.h"
#include "loader/enact/enact.h"
#include "loader/steward/steward.h"

struct options {
	struct embargo_policy_options policy;
};

static const struct embargo_option table[] = {
	EMBARGO_POLICY_OPTIONS(struct options, policy),
	EMBARGO_OPTIONS_END,
};

typedef int (*enact_function)(const struct embargo_policy_request *request,
			      struct embargo_enacted *enacted,
			      struct embargo_diagnostic *diagnostic);

static int run(const struct embargo_verb *verb, enact_function enact, int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_policy_request request;
	struct embargo_enacted enacted;
	struct options options = {};
	int status = embargo_options_parse(verb, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(verb, argv[0]);
	request = embargo_policy_options_request(&options.policy);
	if (enact(&request, &enacted, &diagnostic)) {
		embargo_log_diagnostic(verb->name, &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	if (enacted.unseen)
		embargo_log_error(verb->name, EMBARGO_ENACT_UNSEEN);
	if (enacted.editions.damaged)
		embargo_log_error(verb->name, EMBARGO_ENACT_DAMAGED);
	if (enacted.editions.unremembered)
		embargo_log_error(verb->name, EMBARGO_ENACT_UNREMEMBERED);
	printf("enforcing: %zu policies, %zu rules, %zu digests\n", enacted.policy_count,
	       enacted.rule_count, enacted.digest_count);
	return EMBARGO_EXIT_YES;
}

int embargo_cmd_load(int argc, char **argv)
{
	return run(&embargo_verb_load, embargo_enact_start, argc, argv);
}

/*
 * The host's own policies, where a daemon runs, by its steward: so it is the same process that does
 * it whoever asks. What somebody names is read as they see it, and with their rights.
 */
static int reload(const struct embargo_policy_request *request, struct embargo_enacted *enacted,
		  struct embargo_diagnostic *diagnostic)
{
	int error = -ECONNREFUSED;

	if (!request->count && !request->profile)
		error = embargo_steward_reload(enacted, diagnostic);
	return error == -ECONNREFUSED ? embargo_enact_reload(request, enacted, diagnostic) : error;
}

int embargo_cmd_reload(int argc, char **argv)
{
	return run(&embargo_verb_reload, reload, argc, argv);
}

const struct embargo_verb embargo_verb_load = {
	.name = "load",
	.summary = "enforce without a daemon: attach, pin and leave",
	.details = "What enforced before is replaced without a gap. `embargo unload` ends it.",
	.options = table,
	.run = embargo_cmd_load,
};

const struct embargo_verb embargo_verb_reload = {
	.name = "reload",
	.summary = "put the policies as they are now into force: all of them or none",
	.options = table,
	.run = embargo_cmd_reload,
};
