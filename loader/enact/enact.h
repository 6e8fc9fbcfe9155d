/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From policies on disk to enforcement in the kernel: read, compile, check that the host survives
 * it, install. */
#ifndef EMBARGO_ENACT_ENACT_H
#define EMBARGO_ENACT_ENACT_H

#include "loader/base/diagnostic.h"
#include "loader/enact/editions.h"
#include "loader/enact/last.h"
#include "loader/enact/policies.h"
#include "loader/policy/policy.h"

/* What was enacted, for the caller to tell. */
struct embargo_enacted {
	size_t policy_count;
	size_t rule_count;
	size_t digest_count;
	bool terminal;	 /* the host's setting: tell people at their terminals */
	bool classifies; /* some rule names what is found in files */
	bool unkept;	 /* some rule does, and the policies' texts could not be kept for it */
	bool unready;	 /* it could not be kept for the next early boot */
	enum embargo_guard_mode guard; /* who may switch enforcement off */
	struct embargo_editions_state editions;
	bool unseen; /* PID 1's program could not be looked at: see EMBARGO_ENACT_UNSEEN */
};

#define EMBARGO_ENACT_UNSEEN                                                                  \
	"the program of PID 1 (/proc/1/exe) cannot be looked at: whether a rule names it is " \
	"unknown"

#define EMBARGO_ENACT_UNKEPT                                                                  \
	EMBARGO_ENACTED_FOLDER                                                                \
	" cannot be written: no new file is looked into by these policies; make room there, " \
	"or make it writable, and reload"

#define EMBARGO_ENACT_UNREADY                                                          \
	"cannot be written: at the next boot, until the daemon starts, what was kept " \
	"there before is in force, or nothing; make it writable, and reload"

#define EMBARGO_ENACT_DAMAGED                                                            \
	EMBARGO_VERSIONS_FILE                                                            \
	" is damaged: what could be read of it counts, and an older edition "            \
	"of a policy could come back unseen; the file is kept as " EMBARGO_VERSIONS_FILE \
		EMBARGO_VERSIONS_DAMAGED
#define EMBARGO_ENACT_UNREMEMBERED                                                               \
	EMBARGO_VERSIONS_FILE " cannot be written: an older edition of these policies would be " \
			      "taken later; make it writable, and reload"

/*
 * Puts what @request asks for into force, replacing what enforces (embargo_enact_start), or as a
 * new generation of it (embargo_enact_reload). Where it fails, @diagnostic says why and what
 * enforced goes on unchanged. Errors as those of embargo_policy_set_read(),
 * embargo_editions_check(),
 * embargo_policy_harmless(), embargo_enforcement_start() and _reload().
 */
int embargo_enact_start(const struct embargo_policy_request *request,
			struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic);
int embargo_enact_reload(const struct embargo_policy_request *request,
			 struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic);

/*
 * Puts the last good generation into force again as it was kept, policies unread: it asks for no
 * /var, no signature and no list. @last tells what it is; the caller frees. Errors as those of
 * embargo_last_read(), embargo_policy_harmless() and embargo_enforcement_start().
 */
int embargo_enact_last(struct embargo_last *last, bool *unseen,
		       struct embargo_diagnostic *diagnostic);

/* Ends enforcement and forgets what was in force. Errors as embargo_enforcement_stop(). */
int embargo_enact_stop(struct embargo_diagnostic *diagnostic);

#endif
