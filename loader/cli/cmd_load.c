// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo load` and `embargo reload`: enforcement that needs no daemon. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/cli/policy_options.h"
#include "loader/enact/enact.h"
#include "loader/model/time.h"
#include "loader/steward/steward.h"

struct options {
	struct embargo_policy_options policy;
	bool last;
};

static const struct embargo_option load_table[] = {
	EMBARGO_POLICY_OPTIONS(struct options, policy),
	{ .name = "last",
	  .summary = "the generation that was in force last, as an early boot wants it: reads no "
		     "policy",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, last) },
	EMBARGO_OPTIONS_END,
};

static const struct embargo_option reload_table[] = {
	EMBARGO_POLICY_OPTIONS(struct options, policy),
	EMBARGO_OPTIONS_END,
};

typedef int (*enact_function)(const struct embargo_policy_request *request,
			      struct embargo_enacted *enacted,
			      struct embargo_diagnostic *diagnostic);

static int load_last(const struct embargo_verb *verb)
{
	_cleanup_(embargo_last_free) struct embargo_last last = { .policies = NULL };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	char made[EMBARGO_TIME_TEXT];
	bool unseen = false;

	if (embargo_enact_last(&last, &unseen, &diagnostic)) {
		embargo_log_diagnostic(verb->name, &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	if (unseen)
		embargo_log_error(verb->name, EMBARGO_ENACT_UNSEEN);
	printf("enforcing what was in force on %s: %zu policies, %" PRIu64 " rules, %zu digests\n",
	       embargo_time_format(last.made, made, sizeof(made)), last.policy_count,
	       last.rule_count, last.tables.digest_count);
	for (size_t i = 0; i < last.policy_count; i++)
		printf("%s version %" PRIu64 "\n", last.policies[i].id, last.policies[i].version);
	return EMBARGO_EXIT_YES;
}

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
	if (options.last && !request.count && !request.profile)
		return load_last(verb);
	if (options.last) {
		embargo_log_error(verb->name, "--last is what was in force: it takes no --policy "
					      "and no --profile");
		return EMBARGO_EXIT_FAILURE;
	}
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
	if (enacted.unkept)
		embargo_log_error(verb->name, EMBARGO_ENACT_UNKEPT);
	if (enacted.unready)
		embargo_log_error(EMBARGO_LAST_FILE, EMBARGO_ENACT_UNREADY);
	if (enacted.guard != EMBARGO_GUARD_OFF && verb == &embargo_verb_load)
		embargo_log_error(verb->name, "the guard is not closed without a daemon: `embargo "
					      "run` closes it");
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
	.options = load_table,
	.run = embargo_cmd_load,
};

const struct embargo_verb embargo_verb_reload = {
	.name = "reload",
	.summary = "put the policies as they are now into force: all of them or none",
	.options = reload_table,
	.run = embargo_cmd_reload,
};
