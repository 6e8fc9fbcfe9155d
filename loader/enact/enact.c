// SPDX-License-Identifier: GPL-2.0-or-later
/* From policies on disk to enforcement in the kernel, one step after the other. */
#include "loader/enact/enact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/enforcement.h"

typedef int (*install_function)(const struct embargo_tables *tables,
				const struct embargo_load *load,
				struct embargo_diagnostic *diagnostic);

static void cleanup_set(struct embargo_policy_set **set)
{
	embargo_policy_set_free(*set);
}

static int install(const struct embargo_policy_set *set, const struct embargo_tables *tables,
		   install_function installer, struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	struct embargo_record_policy *policies = calloc(set->count + 1, sizeof(*policies));
	struct embargo_load load = {
		.issued = embargo_policy_set_issued(set),
		.policies = policies,
		.policy_count = set->count,
	};

	if (!policies)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_policy *policy = set->policies[i];

		snprintf(policies[i].id, sizeof(policies[i].id), "%s", policy->id);
		policies[i].expires = policy->expires.set ? policy->expires.ns : INT64_MAX;
	}
	return installer(tables, &load, diagnostic);
}

static int enact(const struct embargo_policy_request *request, install_function installer,
		 struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_set) struct embargo_policy_set *set = NULL;
	_cleanup_(embargo_tables_free) struct embargo_tables tables = { .digests = NULL };
	bool unseen = false;
	int error = embargo_policy_set_read(request, &set, diagnostic);

	if (!error)
		error = embargo_policy_set_compile(set, &tables, diagnostic);
	if (!error)
		error = embargo_policy_harmless(set, &tables, &unseen, diagnostic);
	if (!error)
		error = install(set, &tables, installer, diagnostic);
	if (error)
		return error;
	*enacted = (struct embargo_enacted) {
		.policy_count = set->count,
		.digest_count = tables.digest_count,
		.terminal = set->settings.terminal,
		.unseen = unseen,
	};
	for (size_t i = 0; i < set->count; i++)
		enacted->rule_count += set->policies[i]->rule_count;
	return 0;
}

int embargo_enact_start(const struct embargo_policy_request *request,
			struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	return enact(request, embargo_enforcement_start, enacted, diagnostic);
}

int embargo_enact_reload(const struct embargo_policy_request *request,
			 struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	return enact(request, embargo_enforcement_reload, enacted, diagnostic);
}
