// SPDX-License-Identifier: GPL-2.0-or-later
/* What was there when the guard closed, as one digest over all of it. */
#include "loader/enact/guarded.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/bundle.h"
#include "loader/crypto/sha256.h"
#include "loader/enact/policies.h"
#include "loader/kernel/guard.h"
#include "loader/kernel/guard_object.h"
#include "loader/trust/trust.h"

static struct embargo_digest noted;
static char machine[33];

const char *embargo_guarded_machine(void)
{
	return machine;
}

static void note_machine(void)
{
	_cleanup_fclose_ FILE *file = fopen("/etc/machine-id", "re");

	if (!file || fscanf(file, "%32[0-9a-f]", machine) != 1)
		machine[0] = '\0';
}

static void cleanup_set(struct embargo_policy_set **set)
{
	embargo_policy_set_free(*set);
}

/* A line for each file: its name and its digest. */
static int add_file(FILE *out, const char *path)
{
	_cleanup_free_
	char *bytes = NULL;
	struct embargo_digest digest;
	size_t size = 0;
	int error = embargo_file_read(path, EMBARGO_BUNDLE_FILE, &bytes, &size);

	if (!error)
		error = embargo_sha256_memory(bytes, size, &digest);
	if (error)
		return error;
	fprintf(out, "%s\n", path);
	fwrite(&digest, sizeof(digest), 1, out);
	return 0;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static int add_anchors(FILE *out)
{
	struct dirent **names;
	int count = scandir(EMBARGO_TRUST_FOLDER, &names, is_file, by_name), error = 0;
	char path[PATH_MAX];

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), EMBARGO_TRUST_FOLDER "/%s", names[i]->d_name);
		if (!error)
			error = add_file(out, path);
		free(names[i]);
	}
	free(names);
	return error;
}

static int digest_all(struct embargo_digest *digest)
{
	_cleanup_free_
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int error;

	if (!out)
		return -ENOMEM;
	error = add_file(out, EMBARGO_SETTINGS_FILE);
	if (!error)
		error = add_anchors(out);
	if (fclose(out) && !error)
		error = -ENOMEM;
	return error ? error : embargo_sha256_memory(text, size, digest);
}

int embargo_guarded_note(struct embargo_diagnostic *diagnostic)
{
	int error = digest_all(&noted);

	note_machine();
	return error ? embargo_diagnostic_what(diagnostic, error,
					       "cannot read " EMBARGO_SETTINGS_FILE
					       " and " EMBARGO_TRUST_FOLDER ": %s",
					       strerror(-error))
		     : 0;
}

static int refuse(const char *what, const char *of, struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_remedy(diagnostic, "restore it, or open the guard first with a signed "
					      "token: `embargo guard unlock TOKEN`");
	return embargo_diagnostic_what(diagnostic, -EPERM, "the guard is closed, and %s%s", of,
				       what);
}

static int check_policies(const struct embargo_policy_set *set,
			  struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_set) struct embargo_policy_set *before = NULL;
	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_enacted_id id;

	if (embargo_enacted_find(&id) || embargo_enacted_read(&id, &before, &ignored))
		return refuse("what is in force cannot be read", "", diagnostic);
	for (size_t i = 0; i < before->count; i++) {
		const struct embargo_policy *now =
			embargo_policy_set_find(set, before->policies[i]->id);

		if (!now)
			return refuse(" is in force and would be no more", before->policies[i]->id,
				      diagnostic);
		if (now->version < before->policies[i]->version)
			return refuse(" is in force in a newer edition", now->id, diagnostic);
	}
	return 0;
}

int embargo_guarded_unchanged(struct embargo_diagnostic *diagnostic)
{
	struct embargo_digest now;

	if (digest_all(&now) || memcmp(&now, &noted, sizeof(now)))
		return refuse("the settings or the anchors are others than they were", "",
			      diagnostic);
	return 0;
}

int embargo_guarded_check(const struct embargo_policy_set *set,
			  struct embargo_diagnostic *diagnostic)
{
	struct embargo_guard_view view;
	int error;

	if (!embargo_guard_is_marked() || embargo_guard_look(&view) || view.is_open ||
	    view.mode == EMBARGO_GUARD_OFF)
		return 0;
	if (!set->is_hosts)
		return refuse("only the host's own policies are put in force", "", diagnostic);
	error = embargo_guarded_unchanged(diagnostic);
	return error ? error : check_policies(set, diagnostic);
}
