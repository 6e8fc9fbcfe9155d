// SPDX-License-Identifier: GPL-2.0-or-later
/* From policies on disk to enforcement in the kernel, one step after the other. */
#include "loader/enact/enact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/crypto/anchors.h"
#include "loader/enact/editions.h"
#include "loader/enact/guarded.h"
#include "loader/enact/policies.h"
#include "loader/host/host.h"
#include "loader/identity/specimen.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"
#include "loader/kernel/guard.h"
#include "loader/learned/list.h"
#include "loader/model/names.h"
#include "loader/trust/trust.h"

/* Classifying a file takes seconds at most, and the list is held for one file at a time. */
#define LEARNING_MS 10000

typedef int (*install_function)(const struct embargo_tables *tables,
				const struct embargo_load *load,
				struct embargo_diagnostic *diagnostic);

static void cleanup_set(struct embargo_policy_set **set)
{
	embargo_policy_set_free(*set);
}

/* The texts of what comes into force: who classifies files waits for these; without them nothing
 * new is learned. */
struct keeping {
	const struct embargo_policy_set *set;
	bool is_kept;
};

static void keep_coming(void *keeper, uint64_t instance, uint64_t generation)
{
	const struct embargo_enacted_id id = { instance, generation };
	struct keeping *keeping = keeper;

	keeping->is_kept = !embargo_enacted_write(keeping->set, &id);
}

static void forget_others(void *keeper)
{
	(void)keeper;
	embargo_enacted_settle();
}

static int install(const struct embargo_policy_set *set, const struct embargo_tables *tables,
		   install_function installer, bool *kept, struct embargo_diagnostic *diagnostic)
{
	struct keeping keeping = { .set = set };
	int error;
	_cleanup_free_
	struct embargo_record_policy *policies = calloc(set->count + 1, sizeof(*policies));
	struct embargo_load load = {
		.issued = embargo_policy_set_issued(set),
		.policies = policies,
		.policy_count = set->count,
		.coming = keep_coming,
		.settled = forget_others,
		.keeper = &keeping,
	};

	if (!policies)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_policy *policy = set->policies[i];

		snprintf(policies[i].id, sizeof(policies[i].id), "%s", policy->id);
		policies[i].expires = policy->expires.set ? policy->expires.ns : INT64_MAX;
	}
	error = installer(tables, &load, diagnostic);
	*kept = keeping.is_kept;
	return error;
}

/*
 * From reading the learned digests until the generation that has them is in force nothing is
 * learned. Where no list can be kept (a read-only /var at an early boot), nothing can be learned.
 */
static int hold_learned(int *lock, struct embargo_diagnostic *diagnostic)
{
	int error = embargo_learned_list_lock(EMBARGO_LEARNED_FILE, LEARNING_MS, lock);

	if (error != -EAGAIN)
		return 0;
	embargo_diagnostic_remedy(diagnostic, "try again");
	return embargo_diagnostic_what(diagnostic, error,
				       "another process holds " EMBARGO_LEARNED_FILE
				       " for longer than %d s",
				       LEARNING_MS / 1000);
}

/* What this host cannot do without, a rule must not take away. */
static int spare_host(const struct embargo_policy_set *set, const struct embargo_tables *tables,
		      bool *unseen, struct embargo_diagnostic *diagnostic)
{
	struct embargo_host host;
	int error = embargo_policy_harmless(set, tables, unseen, diagnostic);

	if (error)
		return error;
	embargo_host_read("/", &host);
	return embargo_policy_modules(tables, &host, diagnostic);
}

/* Who may change the policy needs no way round the guard; where nobody is trusted, it has no way
 * in.
 */
static int check_guard(const struct embargo_policy_set *set, struct embargo_diagnostic *diagnostic)
{
	if (set->settings.guard == EMBARGO_GUARD_OFF || set->is_anchored)
		return 0;
	embargo_diagnostic_at(diagnostic, EMBARGO_TRUST_FOLDER, 0, 0);
	embargo_diagnostic_remedy(diagnostic,
				  "put the certificates of the signers there (*.pem), or write "
				  "guard: off into the settings");
	return embargo_diagnostic_what(diagnostic, -ENOKEY,
				       "holds no anchor, and the guard is to be %s",
				       embargo_guard_mode_name(set->settings.guard));
}

/*
 * For the next early boot. What somebody only tries (--policy, --profile) must not come back with
 * it: a reboot ends that. 0 too where the host has no folder for settings.
 */
static int keep_last(const struct embargo_policy_request *asked,
		     const struct embargo_policy_set *set, const struct embargo_tables *tables)
{
	_cleanup_free_
	struct embargo_last_policy *policies = calloc(set->count + 1, sizeof(*policies));
	struct embargo_last last = {
		.tables = *tables,
		.policies = policies,
		.policy_count = set->count,
		.issued = embargo_policy_set_issued(set),
	};
	struct embargo_floor floor;

	if (asked->count || asked->profile)
		return 0;
	if (!policies)
		return -ENOMEM;
	if (mkdir(EMBARGO_LAST_FOLDER, 0700) && errno != EEXIST)
		return errno == ENOENT ? 0 : -errno;
	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_policy *policy = set->policies[i];

		snprintf(policies[i].id, sizeof(policies[i].id), "%s", policy->id);
		policies[i].version = policy->version;
		policies[i].expires = policy->expires.set ? policy->expires.ns : INT64_MAX;
		last.rule_count += policy->rule_count;
	}
	embargo_floor_read(&floor);
	last.made = floor.ns;
	return embargo_last_write(EMBARGO_LAST_FILE, &last);
}

static int enact(const struct embargo_policy_request *asked, install_function installer,
		 struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_set) struct embargo_policy_set *set = NULL;
	_cleanup_(embargo_tables_free) struct embargo_tables tables = { .digests = NULL };
	_cleanup_(embargo_versions_free) struct embargo_versions versions = { .array = NULL };
	struct embargo_editions_state editions = { .damaged = false };
	struct embargo_policy_request request = *asked;
	_cleanup_close_ int lock = -1;
	bool unseen = false, kept = false;
	struct embargo_diagnostic ignored = { .line = 0 }; /* the watch tells of a broken anchor */
	int error = embargo_guard_check(diagnostic);

	if (!error)
		error = hold_learned(&lock, diagnostic);
	request.learned = EMBARGO_LEARNED_FILE;
	embargo_anchors_number_in(EMBARGO_ANCHORS_FOLDER, &request.anchors, &ignored);
	if (!error)
		error = embargo_policy_set_read(&request, &set, diagnostic);
	if (!error)
		error = check_guard(set, diagnostic);
	if (!error && installer == embargo_enforcement_reload)
		error = embargo_guarded_check(set, diagnostic);
	if (!error)
		error = embargo_editions_check(set, &versions, diagnostic);
	if (!error)
		error = embargo_policy_set_compile(set, &tables, diagnostic);
	if (!error)
		error = spare_host(set, &tables, &unseen, diagnostic);
	if (!error)
		error = install(set, &tables, installer, &kept, diagnostic);
	if (error)
		return error;
	/* Only now: what could not be installed was never in force. */
	embargo_editions_keep(set, &versions, &editions);
	*enacted = (struct embargo_enacted) {
		.policy_count = set->count,
		.digest_count = tables.digest_count,
		.terminal = set->settings.terminal,
		.guard = set->settings.guard,
		.unseen = unseen,
		.classifies = tables.head.classifies,
		.unkept = !kept && tables.head.classifies,
		.unready = keep_last(asked, set, &tables) != 0,
		.editions = editions,
	};
	for (size_t i = 0; i < set->count; i++)
		enacted->rule_count += set->policies[i]->rule_count;
	return 0;
}

/* A guard that is there is open, or it would have been refused: it knows what goes, and not what
 * comes. */
static int start_unguarded(const struct embargo_tables *tables, const struct embargo_load *load,
			   struct embargo_diagnostic *diagnostic)
{
	int error = embargo_guard_remove();

	if (error)
		return embargo_diagnostic_what(diagnostic, error, "cannot take the guard away: %s",
					       strerror(-error));
	return embargo_enforcement_start(tables, load, diagnostic);
}

int embargo_enact_start(const struct embargo_policy_request *request,
			struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	return enact(request, start_unguarded, enacted, diagnostic);
}

int embargo_enact_reload(const struct embargo_policy_request *request,
			 struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic)
{
	return enact(request, embargo_enforcement_reload, enacted, diagnostic);
}

/* The dates that had come when it was put in force stay: /var has the floor, and is not there yet.
 */
static int install_last(const struct embargo_last *last, struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	struct embargo_record_policy *policies = calloc(last->policy_count + 1, sizeof(*policies));
	const struct embargo_load load = {
		.issued = last->made > last->issued ? last->made : last->issued,
		.policies = policies,
		.policy_count = last->policy_count,
		.kept = true,
	};

	if (!policies)
		return -ENOMEM;
	for (size_t i = 0; i < last->policy_count; i++) {
		snprintf(policies[i].id, sizeof(policies[i].id), "%s", last->policies[i].id);
		policies[i].expires = last->policies[i].expires;
	}
	return start_unguarded(&last->tables, &load, diagnostic);
}

int embargo_enact_last(struct embargo_last *last, bool *unseen,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_last_free) struct embargo_last read = { .policies = NULL };
	const struct embargo_policy_set none = { .count = 0 };
	int error = embargo_guard_check(diagnostic);

	if (!error)
		error = embargo_last_read(EMBARGO_LAST_FILE, &read, diagnostic);
	/* The programs may be others than when it was compiled. */
	if (!error)
		error = spare_host(&none, &read.tables, unseen, diagnostic);
	if (!error)
		error = install_last(&read, diagnostic);
	if (error)
		return error;
	*last = read;
	read = (struct embargo_last) { .policies = NULL };
	return 0;
}

int embargo_enact_stop(struct embargo_diagnostic *diagnostic)
{
	int error = embargo_guard_check(diagnostic);

	if (!error && embargo_guard_remove())
		error = embargo_diagnostic_what(diagnostic, -EPERM, "cannot take the guard away");
	if (!error)
		error = embargo_enforcement_stop(diagnostic);
	if (error && error != -ENOENT)
		return error;
	embargo_enacted_remove(); /* where nothing enforces: of a stop that was killed */
	if (error)
		return error;
	unlink(EMBARGO_WATCH_FILE);
	unlink(EMBARGO_ASKED_SOCKET);
	unlink(EMBARGO_OFFERED_SOCKET);
	unlink(EMBARGO_CONTROL_SOCKET);
	rmdir(EMBARGO_RUN_FOLDER);
	return 0;
}
