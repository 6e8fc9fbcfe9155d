// SPDX-License-Identifier: GPL-2.0-or-later
/* The policies of a host: which files they are, and each id but once. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/policy/policy.h"
#include "loader/policy/source.h"

static void free_set(struct embargo_policy_set **set)
{
	embargo_policy_set_free(*set);
}

static const struct embargo_policy *find_id(const struct embargo_policy_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->policies[i]->id, id))
			return set->policies[i];
	return NULL;
}

static int check_new(const struct embargo_policy_set *set, const struct embargo_policy *policy,
		     struct embargo_diagnostic *diagnostic)
{
	const struct embargo_policy *other = find_id(set, policy->id);

	embargo_diagnostic_at(diagnostic, policy->file, policy->mark.line, policy->mark.column);
	if (other) {
		embargo_diagnostic_remedy(diagnostic, "rename or remove one of them");
		return embargo_diagnostic_what(diagnostic, -EINVAL,
					       "policy '%s' a second time; the first is %.300s",
					       policy->id, other->file);
	}
	if (set->count == EMBARGO_POLICY_COUNT) {
		embargo_diagnostic_remedy(diagnostic, "unite some of them");
		return embargo_diagnostic_what(diagnostic, -E2BIG, "more than %d policies",
					       EMBARGO_POLICY_COUNT);
	}
	return 0;
}

static int add_file(struct embargo_policy_set *set, const char *file,
		    struct embargo_diagnostic *diagnostic)
{
	struct embargo_policy *policy;
	int error = embargo_policy_read(file, &policy, diagnostic);

	if (error)
		return error;
	error = check_new(set, policy, diagnostic);
	if (error) {
		embargo_policy_free(policy);
		return error;
	}
	/* Where all was well, the place that check_new() noted means nothing. */
	embargo_diagnostic_at(diagnostic, "", 0, 0);
	set->policies[set->count++] = policy;
	return 0;
}

static int is_policy_name(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       !strcmp(entry->d_name + length - 5, ".yaml");
}

/* By bytes: the order must not hang on the locale. */
static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void free_names(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

/* The *.yaml of @folder. */
static int add_folder(struct embargo_policy_set *set, const char *folder,
		      struct embargo_diagnostic *diagnostic)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_policy_name, by_name);
	int error = 0;

	if (count < 0)
		return embargo_source_refuse(folder, -errno, diagnostic);
	for (int i = 0; i < count && !error; i++) {
		_cleanup_free_
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0) {
			path = NULL;
			error = embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
		} else {
			error = add_file(set, path, diagnostic);
		}
	}
	free_names(names, count);
	return error;
}

static int add_path(struct embargo_policy_set *set, const char *path,
		    struct embargo_diagnostic *diagnostic)
{
	struct stat status;

	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		return add_folder(set, path, diagnostic);
	return add_file(set, path, diagnostic);
}

/* A folder of the default ones may be absent: then it holds no policy. */
static int add_default_folder(struct embargo_policy_set *set, const char *folder,
			      struct embargo_diagnostic *diagnostic)
{
	struct stat status;

	if (stat(folder, &status) && errno == ENOENT)
		return 0;
	return add_folder(set, folder, diagnostic);
}

static int add_defaults(struct embargo_policy_set *set, bool shipped_fallback,
			struct embargo_diagnostic *diagnostic)
{
	int error = add_default_folder(set, EMBARGO_POLICY_FOLDER, diagnostic);

	if (!error && !set->count && shipped_fallback)
		error = add_default_folder(set, EMBARGO_POLICY_SHIPPED_FOLDER, diagnostic);
	return error;
}

static int add_all(struct embargo_policy_set *set, const struct embargo_policy_request *request,
		   struct embargo_diagnostic *diagnostic)
{
	const char *const *paths =
		request->count ? request->files : (const char *const *)set->settings.policies;
	size_t count = request->count ? request->count : set->settings.policy_count;
	int error = 0;

	if (!count)
		error = add_defaults(set, request->shipped_fallback, diagnostic);
	for (size_t i = 0; i < count && !error; i++)
		error = add_path(set, paths[i], diagnostic);
	if (error || set->count)
		return error;
	embargo_diagnostic_at(diagnostic, count ? paths[0] : EMBARGO_POLICY_FOLDER, 0, 0);
	embargo_diagnostic_remedy(diagnostic,
				  "put one there (*.yaml; %s has the shipped ones), or name it",
				  EMBARGO_POLICY_SHIPPED_FOLDER);
	return embargo_diagnostic_what(diagnostic, -ENOENT, "holds no policy");
}

int embargo_policy_set_read(const struct embargo_policy_request *request,
			    struct embargo_policy_set **set, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_set) struct embargo_policy_set *made = calloc(1, sizeof(*made));
	const char *profile;
	int error;

	if (made)
		made->policies = calloc(EMBARGO_POLICY_COUNT, sizeof(struct embargo_policy *));
	if (!made || !made->policies)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_settings_read(request->settings, &made->settings, diagnostic);
	if (error)
		return error;
	profile = request->profile ? request->profile : made->settings.profile;
	if (profile) {
		made->profile = strdup(profile);
		if (!made->profile)
			return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	}
	if (request->learned) {
		made->learned = strdup(request->learned);
		if (!made->learned)
			return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	}
	error = add_all(made, request, diagnostic);
	if (!error)
		*set = TAKE_PTR(made);
	return error;
}

void embargo_policy_set_free(struct embargo_policy_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		embargo_policy_free(set->policies[i]);
	embargo_settings_free(&set->settings);
	free(set->policies);
	free(set->profile);
	free(set->learned);
	free(set);
}

int64_t embargo_policy_set_issued(const struct embargo_policy_set *set)
{
	int64_t latest = INT64_MIN;

	for (size_t i = 0; i < set->count; i++) {
		const struct embargo_moment *issued = &set->policies[i]->issued;

		if (issued->set && issued->ns > latest)
			latest = issued->ns;
	}
	return latest;
}
