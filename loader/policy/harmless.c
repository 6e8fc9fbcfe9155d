// SPDX-License-Identifier: GPL-2.0-or-later
/* Harmless: what this host cannot do without must not be named by any rule, at any time. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/host/foundation.h"
#include "loader/identity/specimen.h"
#include "loader/policy/match.h"

/* Programs and libraries come through these; libraries are opened first. */
#define SCOPES (EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPES_MAP | EMBARGO_SCOPE_OPEN)

/* What is held against the host's foundations. */
struct foundation {
	const struct embargo_policy_set *set;
	const struct embargo_tables *tables;
	struct embargo_diagnostic *diagnostic;
};

/* One of these files. */
struct examination {
	const struct embargo_policy_set *set;
	const struct embargo_tables *tables;
	const struct embargo_step *step; /* the first that would stop the file, or NULL */
};

static void look_at_timeline(void *context, __u32 index)
{
	struct examination *examination = context;
	const struct embargo_timeline *timeline = &examination->tables->timelines[index];

	for (__u32 i = 0; i < timeline->count && !examination->step; i++)
		if (timeline->steps[i].action >= EMBARGO_ACTION_DENY_NEW)
			examination->step = &timeline->steps[i];
}

/* No waiver counts here: it ends, and then a host that cannot be repaired would be left. */
static void look_at_path(void *context, __u32 timeline, __u32 waived)
{
	(void)waived;
	look_at_timeline(context, timeline);
}

/* Some digest could be that of a file of @size bytes. */
static bool is_candidate(const struct embargo_tables *tables, uint64_t size)
{
	return (tables->head.unsized_scopes & SCOPES) ||
	       (embargo_tables_size(tables, size) & SCOPES);
}

static int look_at_digest(struct examination *examination, const char *file)
{
	const struct embargo_listed *listed;
	struct embargo_digest digest;
	_cleanup_close_ int fd = -1;
	struct stat status;
	int error;

	error = embargo_file_open(file, &fd, &status);
	if (error)
		return error;
	if (!is_candidate(examination->tables, (uint64_t)status.st_size))
		return 0;
	error = embargo_sha256_file(fd, &digest, NULL);
	if (error)
		return error;
	listed = embargo_tables_digest(examination->tables, &digest);
	if (listed && listed->timeline && (listed->scopes & SCOPES))
		look_at_timeline(examination, listed->timeline);
	return 0;
}

static bool is_classified(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->rule_count; i++)
		if (tables->rule_timelines[i])
			return true;
	return false;
}

static void look_at_rule(void *context, size_t rule, const struct embargo_identity *by)
{
	struct examination *examination = context;

	(void)by;
	look_at_timeline(examination, examination->tables->rule_timelines[rule]);
}

/* Learned digests come later; what would be learned of the host's foundations is known now. */
static int look_at_identities(struct examination *examination, const char *file, const char *path)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	_cleanup_close_ int fd = -1;
	struct embargo_evidence evidence;
	int error;

	if (examination->step || !is_classified(examination->tables))
		return 0;
	error = embargo_file_open(file, &fd, NULL);
	if (!error)
		error = embargo_specimen_read(fd, &specimen);
	if (error)
		return error;
	evidence = (struct embargo_evidence) {
		.identities = &specimen.identities,
		.digest = &specimen.file.digest,
		.size = specimen.file.size,
		.path = path,
	};
	embargo_policy_set_match(examination->set, &evidence, look_at_rule, examination);
	return 0;
}

/* @file is where the bytes are, @path what the kernel will call it. -EACCES: not to be seen. */
static int examine(void *context, const char *file, const char *path, const char *role)
{
	const struct foundation *foundation = context;
	struct embargo_diagnostic *diagnostic = foundation->diagnostic;
	const struct embargo_tables *tables = foundation->tables;
	struct examination examination = { .set = foundation->set, .tables = tables };
	const struct embargo_reason *reason;
	int error;

	embargo_tables_path(tables, path, 0, look_at_path, &examination);
	error = examination.step ? 0 : look_at_digest(&examination, file);
	if (!error)
		error = look_at_identities(&examination, file, path);
	if (error == -ENOENT || error == -EACCES || error == -EPERM)
		return -EACCES;
	if (error)
		return embargo_diagnostic_what(diagnostic, error, "cannot read %.300s: %s", path,
					       strerror(-error));
	if (!examination.step)
		return 0;
	reason = &tables->reasons[examination.step->reason];
	embargo_diagnostic_remedy(diagnostic, "take it out of the rule");
	return embargo_diagnostic_what(diagnostic, -EPERM,
				       "rule '%s' of policy '%s' would stop %.200s, %s",
				       reason->rule, reason->policy, path, role);
}

int embargo_policy_harmless(const struct embargo_policy_set *set,
			    const struct embargo_tables *tables, bool *unseen,
			    struct embargo_diagnostic *diagnostic)
{
	struct foundation foundation = { .set = set, .tables = tables, .diagnostic = diagnostic };
	int error = embargo_foundation_each(examine, &foundation, unseen);

	if (error && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, error, "cannot see what this host runs on: %s",
					strerror(-error));
	return error;
}
