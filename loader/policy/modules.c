// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules: a rule on their signers must leave every other compressed module a way in. */
#include <errno.h>

#include "loader/host/host.h"
#include "loader/model/tables.h"
#include "loader/policy/policy.h"

int embargo_policy_modules(const struct embargo_tables *tables, const struct embargo_host *host,
			   struct embargo_diagnostic *diagnostic)
{
	const char *obstacle = embargo_from_memory_reason(host->modules_from_memory);
	const struct embargo_timeline *timeline;
	const struct embargo_reason *reason;
	size_t first = 0;

	if (!tables->head.signer_count || !obstacle || !embargo_host_hands_back(host))
		return 0;
	while (!tables->signers[first].is.timeline) /* it is a waiver's alone */
		first++;
	timeline = &tables->timelines[tables->signers[first].is.timeline];
	reason = &tables->reasons[timeline->steps[0].reason];
	embargo_diagnostic_remedy(diagnostic, "%s",
				  embargo_from_memory_remedy(host->modules_from_memory));
	return embargo_diagnostic_what(
		diagnostic, -EPERM,
		"rule '%s' of policy '%s' names a signer of modules: before Linux 6.19 compressed "
		"modules are handed back for it and then come from memory, and %s",
		reason->rule, reason->policy, obstacle);
}
