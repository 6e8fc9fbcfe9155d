// SPDX-License-Identifier: GPL-2.0-or-later
/* Harmless: what this host cannot do without must not be named by any rule, at any time. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/policy/policy.h"

/* Programs and libraries come through these. */
#define SCOPES (EMBARGO_SCOPE_EXEC_ELF | EMBARGO_SCOPES_MAP)

struct examination {
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

/* @file is where the bytes are, @path what the kernel will call it. -EACCES: not to be seen. */
static int examine(const struct embargo_tables *tables, const char *file, const char *path,
		   const char *role, struct embargo_diagnostic *diagnostic)
{
	struct examination examination = { .tables = tables };
	const struct embargo_reason *reason;
	int error;

	embargo_tables_path(tables, path, look_at_timeline, &examination);
	error = examination.step ? 0 : look_at_digest(&examination, file);
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

/* The program behind /proc/N/exe, as examine(). */
static int examine_program(const struct embargo_tables *tables, const char *link, const char *role,
			   struct embargo_diagnostic *diagnostic)
{
	char path[PATH_MAX];
	ssize_t length = readlink(link, path, sizeof(path) - 1);

	if (length < 0)
		return -EACCES;
	path[length] = '\0';
	return examine(tables, link, path, role, diagnostic);
}

/* The path at the end of a line of /proc/self/maps, or NULL where it maps no file. */
static char *path_of_mapping(char *line)
{
	char *path = strchr(line, '/');

	if (path)
		path[strcspn(path, "\n")] = '\0';
	return path;
}

static int examine_mappings(const struct embargo_tables *tables,
			    struct embargo_diagnostic *diagnostic)
{
	_cleanup_fclose_ FILE *maps = fopen("/proc/self/maps", "re");
	_cleanup_free_
	char *line = NULL, *last = NULL;
	size_t size = 0;
	int error = 0;

	if (!maps)
		return embargo_diagnostic_what(diagnostic, -errno,
					       "cannot read /proc/self/maps: %s", strerror(errno));
	while (!error && getline(&line, &size, maps) > 0) {
		const char *path = path_of_mapping(line);

		/* A library has several mappings, one after another. */
		if (!path || (last && !strcmp(path, last)))
			continue;
		free(last);
		last = strdup(path);
		if (!last)
			return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
		error = examine(tables, path, path, "which embargo itself runs on", diagnostic);
		/* Replaced while it runs: nothing to be read there. */
		if (error == -EACCES)
			error = 0;
	}
	return error;
}

int embargo_policy_harmless(const struct embargo_tables *tables, bool *unseen,
			    struct embargo_diagnostic *diagnostic)
{
	int error = examine_program(tables, "/proc/1/exe", "the program of PID 1", diagnostic);
	bool is_unseen = error == -EACCES;

	if (!error || is_unseen)
		error = examine_program(tables, "/proc/self/exe", "embargo's own program",
					diagnostic);
	if (!error || error == -EACCES)
		error = examine_mappings(tables, diagnostic);
	if (error)
		return error;
	*unseen = is_unseen;
	return 0;
}
