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
#include "loader/trust/trust.h"

/* A set while it is read. */
struct reading {
	const struct embargo_policy_request *request;
	struct embargo_policy_set *set;
	struct embargo_policy_proof proof;
	struct embargo_diagnostic *diagnostic;
};

static void free_set(struct embargo_policy_set **set)
{
	embargo_policy_set_free(*set);
}

static void free_trust(struct embargo_trust **trust)
{
	embargo_trust_free(*trust);
}

static int check_new(const struct embargo_policy_set *set, const struct embargo_policy *policy,
		     struct embargo_diagnostic *diagnostic)
{
	const struct embargo_policy *other = embargo_policy_set_find(set, policy->id);

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

static int add_file(const struct reading *reading, const char *file)
{
	struct embargo_policy_set *set = reading->set;
	struct embargo_policy *policy;
	int error = embargo_policy_read_proved(file, &reading->proof, &policy, reading->diagnostic);

	if (error)
		return error;
	/* What was put in force was looked at then. */
	policy->is_signed |= reading->request->demand == EMBARGO_DEMAND_NONE;
	error = check_new(set, policy, reading->diagnostic);
	if (error) {
		embargo_policy_free(policy);
		return error;
	}
	/* Where all was well, the place that check_new() noted means nothing. */
	embargo_diagnostic_at(reading->diagnostic, "", 0, 0);
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
static int add_folder(const struct reading *reading, const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_policy_name, by_name);
	int error = 0;

	if (count < 0)
		return embargo_source_refuse(folder, -errno, reading->diagnostic);
	for (int i = 0; i < count && !error; i++) {
		_cleanup_free_
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0) {
			path = NULL;
			error = embargo_diagnostic_what(reading->diagnostic, -ENOMEM,
							"out of memory");
		} else {
			error = add_file(reading, path);
		}
	}
	free_names(names, count);
	return error;
}

static int add_path(const struct reading *reading, const char *path)
{
	struct stat status;

	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		return add_folder(reading, path);
	return add_file(reading, path);
}

/* A folder of the default ones may be absent: then it holds no policy. */
static int add_default_folder(const struct reading *reading, const char *folder)
{
	struct stat status;

	if (stat(folder, &status) && errno == ENOENT)
		return 0;
	return add_folder(reading, folder);
}

static int add_defaults(struct reading *reading)
{
	int error = add_default_folder(reading, EMBARGO_POLICY_FOLDER);

	if (error || reading->set->count || !reading->request->shipped_fallback)
		return error;
	/* They are in force nowhere: they show what embargo could do. */
	reading->proof.is_demanded = false;
	return add_default_folder(reading, EMBARGO_POLICY_SHIPPED_FOLDER);
}

static int add_all(struct reading *reading)
{
	const struct embargo_policy_request *request = reading->request;
	const struct embargo_policy_set *set = reading->set;
	const char *const *paths =
		request->count ? request->files : (const char *const *)set->settings.policies;
	size_t count = request->count ? request->count : set->settings.policy_count;
	int error = 0;

	if (!count)
		error = add_defaults(reading);
	for (size_t i = 0; i < count && !error; i++)
		error = add_path(reading, paths[i]);
	if (error || set->count)
		return error;
	embargo_diagnostic_at(reading->diagnostic, count ? paths[0] : EMBARGO_POLICY_FOLDER, 0, 0);
	embargo_diagnostic_remedy(reading->diagnostic,
				  "put one there (*.yaml; %s has the shipped ones), or name it",
				  EMBARGO_POLICY_SHIPPED_FOLDER);
	return embargo_diagnostic_what(reading->diagnostic, -ENOENT, "holds no policy");
}

/*
 * The anchors, where somebody asks. Drafts are read without them where need be: that they are
 * signed is then not known.
 */
static int read_trust(struct reading *reading, struct embargo_trust **trust)
{
	const struct embargo_policy_request *request = reading->request;
	struct embargo_diagnostic ignored = { .line = 0 };
	bool is_draft = request->demand == EMBARGO_DEMAND_HOST && request->count;
	int error;

	if (request->demand == EMBARGO_DEMAND_NONE)
		return 0;
	error = embargo_trust_read(request->trust ? request->trust : EMBARGO_TRUST_FOLDER,
				   reading->set->settings.signatures_required, trust,
				   is_draft ? &ignored : reading->diagnostic);
	if (error && !is_draft)
		return error;
	reading->set->is_anchored = error || embargo_trust_has_anchors(*trust);
	reading->proof.trust = *trust;
	reading->proof.is_demanded = !is_draft;
	return error == -ENOMEM ? error : 0;
}

static int read_policies(struct reading *reading)
{
	_cleanup_(free_trust) struct embargo_trust *trust = NULL;
	int error = read_trust(reading, &trust);

	return error ? error : add_all(reading);
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
	made->is_hosts = !request->count;
	profile = request->profile ? request->profile : made->settings.profile;
	if (profile) {
		made->profile = strdup(profile);
		if (!made->profile)
			return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	}
	made->anchors = request->anchors;
	if (request->learned) {
		made->learned = strdup(request->learned);
		if (!made->learned)
			return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	}
	error = read_policies(&(struct reading) { request, made, { .trust = NULL }, diagnostic });
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

const struct embargo_policy *embargo_policy_set_find(const struct embargo_policy_set *set,
						     const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->policies[i]->id, id))
			return set->policies[i];
	return NULL;
}
