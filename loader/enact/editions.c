// SPDX-License-Identifier: GPL-2.0-or-later
/* Editions: from policies to what is remembered of them, and back. */
#include "loader/enact/editions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/kernel/clock.h"

static int describe(const struct embargo_policy *policy, struct embargo_version *version)
{
	*version = (struct embargo_version) {
		.version = policy->version,
		.is_signed = policy->is_signed,
		.seen = embargo_clock_now(),
	};
	snprintf(version->id, sizeof(version->id), "%s", policy->id);
	return embargo_sha256_memory(policy->text, policy->text_length, &version->sha256);
}

int embargo_editions_judge(const struct embargo_policy *policy,
			   const struct embargo_versions *versions,
			   struct embargo_diagnostic *diagnostic)
{
	struct embargo_version version;
	int error = describe(policy, &version);

	embargo_diagnostic_at(diagnostic, policy->file, policy->mark.line, policy->mark.column);
	if (error)
		return embargo_diagnostic_what(diagnostic, error, "%s", embargo_file_error(error));
	return embargo_versions_check(versions, &version, diagnostic);
}

int embargo_editions_check(const struct embargo_policy_set *set, struct embargo_versions *versions,
			   struct embargo_diagnostic *diagnostic)
{
	struct embargo_versions read = { .array = NULL };
	int error = embargo_versions_read(EMBARGO_VERSIONS_FILE, &read);

	if (error) {
		embargo_diagnostic_at(diagnostic, EMBARGO_VERSIONS_FILE, 0, 0);
		embargo_diagnostic_remedy(diagnostic, "let root read it");
		return embargo_diagnostic_what(diagnostic, error, "%s", embargo_file_error(error));
	}
	for (size_t i = 0; i < set->count && !error; i++)
		error = embargo_editions_judge(set->policies[i], &read, diagnostic);
	if (error) {
		embargo_versions_free(&read);
		return error;
	}
	embargo_diagnostic_at(diagnostic, "", 0, 0);
	*versions = read;
	return 0;
}

void embargo_editions_keep(const struct embargo_policy_set *set, struct embargo_versions *versions,
			   struct embargo_editions_state *state)
{
	bool is_changed = versions->is_damaged;
	struct embargo_version version;

	state->damaged = versions->is_damaged;
	for (size_t i = 0; i < set->count; i++)
		if (describe(set->policies[i], &version) ||
		    embargo_versions_note(versions, &version, &is_changed))
			state->unremembered = true;
	if (!is_changed)
		return;
	mkdir(EMBARGO_STATE_FOLDER, 0755);
	if (embargo_versions_write(EMBARGO_VERSIONS_FILE, versions))
		state->unremembered = true;
}
