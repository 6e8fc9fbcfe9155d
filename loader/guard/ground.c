// SPDX-License-Identifier: GPL-2.0-or-later
/* The folders that are guarded: the default ones, by their names. */
#include "loader/guard/ground.h"

#include "loader/base/cleanup.h"
#include "loader/base/paths.h"
#include "loader/enact/guarded.h"
#include "loader/enact/last.h"
#include "loader/enact/policies.h"
#include "loader/kernel/guard.h"
#include "loader/policy/policy.h"
#include "loader/trust/trust.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Those that are there to be filled by others too are made, so that nobody else makes them. */
static int make_folders(void)
{
	if ((mkdir(EMBARGO_RUN_FOLDER, 0755) && errno != EEXIST) ||
	    (mkdir(EMBARGO_ENACTED_FOLDER, 0700) && errno != EEXIST) ||
	    (mkdir(EMBARGO_STATE_FOLDER, 0755) && errno != EEXIST))
		return -errno;
	return 0;
}

int embargo_ground_guard(enum embargo_guard_mode mode, struct embargo_diagnostic *diagnostic)
{
	static const struct embargo_guard_ground grounds[] = {
		{ "/etc/embargo", EMBARGO_GUARD_FILES },
		{ EMBARGO_POLICY_FOLDER, EMBARGO_GUARD_FILES },
		{ EMBARGO_STATE_FOLDER, EMBARGO_GUARD_FILES },
		{ EMBARGO_LAST_FOLDER, EMBARGO_GUARD_FILES },
		/* An anchor more would sign anything; whoever classifies goes by what is enacted.
		 */
		{ EMBARGO_TRUST_FOLDER, EMBARGO_GUARD_PINS },
		{ EMBARGO_ENACTED_FOLDER, EMBARGO_GUARD_PINS },
		{ EMBARGO_RUN_FOLDER, EMBARGO_GUARD_ABOVE },
		{ "/run", EMBARGO_GUARD_ABOVE },
		{ "/etc", EMBARGO_GUARD_ABOVE },
		{ "/var", EMBARGO_GUARD_ABOVE },
		{ "/var/lib", EMBARGO_GUARD_ABOVE },
	};
	int error = make_folders();

	if (error) {
		embargo_diagnostic_remedy(diagnostic, "see that " EMBARGO_RUN_FOLDER
						      " and " EMBARGO_STATE_FOLDER
						      " can be made, and are folders");
		return embargo_diagnostic_what(diagnostic, error,
					       "cannot make the folders to guard: %s",
					       strerror(-error));
	}
	error = embargo_guarded_note(diagnostic);
	if (error)
		return error;
	return embargo_guard_close(mode, grounds, ARRAY_SIZE(grounds), diagnostic);
}
