// SPDX-License-Identifier: GPL-2.0-or-later
/* Expired policies: looked for when a new record is there, and when the next date comes. */
#include "loader/daemon/expiry.h"

#include <sys/stat.h>
#include <syslog.h>

#include "loader/event/to_journal.h"
#include "loader/kernel/record.h"
#include "loader/model/time.h"

/* A load or a reload, also one by another process, writes the record anew. */
static bool is_new(struct embargo_expiry *expiry)
{
	struct stat status;

	if (stat(EMBARGO_RECORD_FILE, &status) ||
	    (status.st_mtim.tv_sec == expiry->written.tv_sec &&
	     status.st_mtim.tv_nsec == expiry->written.tv_nsec))
		return false;
	expiry->written = status.st_mtim;
	return true;
}

static void tell(struct embargo_reporter *reporter, const struct embargo_record_policy *policy)
{
	char text[EMBARGO_TIME_TEXT];

	embargo_reporter_say(reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
			     "the policy %s expired on %s: look for a newer one; it stays in force",
			     policy->id, embargo_time_format(policy->expires, text, sizeof(text)));
}

void embargo_expiry_tell(struct embargo_expiry *expiry, struct embargo_reporter *reporter,
			 int64_t now)
{
	bool is_fresh = is_new(expiry);
	int64_t told = is_fresh ? INT64_MIN : expiry->next;
	struct embargo_record record;

	if (!is_fresh && now < expiry->next)
		return;
	expiry->next = INT64_MAX;
	if (embargo_enforcement_record(&record))
		return;
	for (size_t i = 0; i < record.policy_count; i++) {
		int64_t expires = record.policies[i].expires;

		if (expires > now && expires < expiry->next)
			expiry->next = expires;
		else if (expires <= now && expires >= told)
			tell(reporter, &record.policies[i]);
	}
	embargo_record_free(&record);
}
