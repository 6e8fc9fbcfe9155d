// SPDX-License-Identifier: GPL-2.0-or-later
/* The guard in the journal: one line for each kind of refusal at a time, whatever their number. */
#include "loader/daemon/guarding.h"

#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "loader/base/utf8.h"
#include "loader/event/to_journal.h"
#include "loader/kernel/guard.h"
#include "loader/model/names.h"

static void tell_refusal(struct embargo_reporter *reporter, enum embargo_guard_refused what,
			 const struct embargo_guard_refusal *refusal, uint64_t count)
{
	char comm[sizeof(refusal->comm) + 1] = "";

	memcpy(comm, refusal->comm, sizeof(refusal->comm));
	embargo_reporter_say(reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
			     "the guard refused %s, %" PRIu64
			     " times; last to process %u (%s) of user %u",
			     embargo_guard_refused_name(what), count, refusal->pid,
			     embargo_utf8_printable(comm, comm, sizeof(comm)), refusal->uid);
}

void embargo_guarding_tell(struct embargo_guarding *guarding, struct embargo_reporter *reporter)
{
	struct embargo_guard_view view;

	if (embargo_guard_look(&view) || view.mode == EMBARGO_GUARD_OFF)
		return;
	for (size_t i = 0; i < EMBARGO_GUARD_REFUSED_COUNT; i++) {
		uint64_t count = view.refusals[i].count;

		if (count > guarding->refused[i])
			tell_refusal(reporter, i, &view.refusals[i], count - guarding->refused[i]);
		guarding->refused[i] = count;
	}
	if (view.open_until != guarding->open_until)
		embargo_reporter_say(reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     view.is_open ? "the guard is open, by the token of %.64s"
						  : "the guard is closed again",
				     view.ticket);
	guarding->open_until = view.open_until;
}
