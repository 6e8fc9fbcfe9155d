/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy says, for people and as JSON. */
#ifndef EMBARGO_CLI_POLICY_REPORT_H
#define EMBARGO_CLI_POLICY_REPORT_H

#include "loader/json/json.h"
#include "loader/policy/policy.h"

/* Its digest lists are read to be counted. Errors: as embargo_list_read(), told in @diagnostic. */
int embargo_policy_print(const struct embargo_policy *policy,
			 struct embargo_diagnostic *diagnostic);

/* Adds an object of it to @array. Errors: the same, or -ENOMEM. */
int embargo_policy_json(json_t *array, const struct embargo_policy *policy,
			struct embargo_diagnostic *diagnostic);

/*
 * Prints the digests of modules and of files of any kind that @set denies at @now, in the form of
 * the kernel's keyring .blacklist. Errors: as binding rules and reading lists.
 */
int embargo_policy_blacklist(const struct embargo_policy_set *set, int64_t now,
			     struct embargo_diagnostic *diagnostic);

#endif
