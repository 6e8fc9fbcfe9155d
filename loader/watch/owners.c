// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping which files belong to packages that rules name. */
#include "loader/watch/owners.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/packages/packages.h"

/* What changes whenever a package is installed or removed. */
static const char *const databases[] = {
	"/var/lib/dpkg/status",
	"/var/lib/dpkg/info",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
	"/var/lib/rpm/rpmdb.sqlite",
	"/var/lib/rpm/rpmdb.sqlite-wal",
	"/var/lib/rpm/Packages",
};

/* A file and the packages that own it. */
struct owned {
	char *path;
	struct embargo_identities packages;
};

struct embargo_owners {
	struct timespec changed[ARRAY_SIZE(databases)];
	bool is_pending; /* they have changed since the last walk */
	void *files;	 /* tsearch(3) tree of struct owned */
	size_t count;
};

/* A walk through the databases. */
struct walk {
	const struct embargo_policy_set *set;
	struct embargo_owners *former;
	struct embargo_owners now;
	const char **fresh; /* paths that have a package which they had not */
	size_t fresh_count;
	struct embargo_identities probe; /* the package of the last file */
	char *probed;			 /* its name */
	bool is_wanted;			 /* some rule names it */
};

static int compare_owned(const void *a, const void *b)
{
	const struct owned *left = a, *right = b;

	return strcmp(left->path, right->path);
}

static void free_owned(void *node)
{
	struct owned *owned = node;

	embargo_identities_free(&owned->packages);
	free(owned->path);
	free(owned);
}

int embargo_owners_open(struct embargo_owners **owners)
{
	*owners = calloc(1, sizeof(**owners));
	return *owners ? 0 : -ENOMEM;
}

void embargo_owners_close(struct embargo_owners *owners)
{
	if (!owners)
		return;
	tdestroy(owners->files, free_owned);
	free(owners);
}

static bool names_packages(const struct embargo_policy_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++) {
			const struct embargo_rule *rule = &set->policies[i]->rules[j];

			for (size_t k = 0; k < rule->pattern_count; k++)
				if (rule->patterns[k].identity.kind == EMBARGO_IDENTITY_PACKAGE)
					return true;
		}
	return false;
}

/* The times of the databases; whether any is another one than before. */
static bool note_changes(struct embargo_owners *owners)
{
	bool changed = false;

	for (size_t i = 0; i < ARRAY_SIZE(databases); i++) {
		struct stat status = { .st_size = 0 };

		if (stat(databases[i], &status))
			status.st_mtim = (struct timespec) { 0 };
		changed |= memcmp(&owners->changed[i], &status.st_mtim, sizeof(status.st_mtim));
		owners->changed[i] = status.st_mtim;
	}
	return changed;
}

static int set_value(struct embargo_identities *identities, enum embargo_attribute attribute,
		     const char *text)
{
	if (!text || !text[0])
		return 0;
	return embargo_identities_set(identities, &identities->array[identities->count - 1],
				      attribute, text, strlen(text));
}

static int add_package(struct embargo_identities *identities,
		       const struct embargo_package_file *file, const char *path)
{
	int error = embargo_identities_add(identities, EMBARGO_IDENTITY_PACKAGE) ? 0 : -E2BIG;

	if (error)
		return error;
	error = set_value(identities, EMBARGO_ATTRIBUTE_NAME, file->name);
	if (!error)
		error = set_value(identities, EMBARGO_ATTRIBUTE_VERSION, file->version);
	if (!error)
		error = set_value(identities, EMBARGO_ATTRIBUTE_VENDOR, file->vendor);
	if (!error)
		error = set_value(identities, EMBARGO_ATTRIBUTE_MAINTAINER, file->maintainer);
	if (!error)
		error = set_value(identities, EMBARGO_ATTRIBUTE_PATH, path);
	if (error)
		embargo_identities_drop(identities);
	return error;
}

/* Does @pattern ask for this package, wherever its files lie? */
static bool is_named(const struct embargo_pattern *pattern, const struct embargo_identity *package)
{
	struct embargo_value values[EMBARGO_ATTRIBUTES_MAX];
	struct embargo_identity named = { .kind = pattern->identity.kind, .values = values };

	if (pattern->identity.kind != EMBARGO_IDENTITY_PACKAGE)
		return false;
	for (size_t i = 0; i < pattern->identity.count && i < ARRAY_SIZE(values); i++)
		if (pattern->identity.values[i].attribute != EMBARGO_ATTRIBUTE_PATH)
			values[named.count++] = pattern->identity.values[i];
	return !named.count || embargo_identity_matches(package, &named);
}

static bool is_any_rules(const struct embargo_policy_set *set,
			 const struct embargo_identity *package)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->policies[i]->rule_count; j++) {
			const struct embargo_rule *rule = &set->policies[i]->rules[j];

			for (size_t k = 0; k < rule->pattern_count; k++)
				if (is_named(&rule->patterns[k], package))
					return true;
		}
	return false;
}

/* Files of a package come one after another. */
static int screen(void *context, const struct embargo_package_file *file)
{
	struct walk *walk = context;

	if (walk->probed && !strcmp(walk->probed, file->name))
		return walk->is_wanted;
	free(walk->probed);
	walk->probed = strdup(file->name);
	embargo_identities_free(&walk->probe);
	if (!walk->probed)
		return -ENOMEM;
	/* A package whose name is no text is named by no rule. */
	walk->is_wanted = !add_package(&walk->probe, file, NULL) &&
			  is_any_rules(walk->set, &walk->probe.array[0]);
	return walk->is_wanted;
}

static struct owned *find(void *const *files, const char *path)
{
	struct owned wanted = { .path = (char *)path };
	struct owned *const *found = tfind(&wanted, files, compare_owned);

	return found ? *found : NULL;
}

static struct owned *make(struct walk *walk, const char *path)
{
	struct owned *owned = calloc(1, sizeof(*owned));

	if (owned)
		owned->path = strdup(path);
	if (!owned || !owned->path || !tsearch(owned, &walk->now.files, compare_owned)) {
		if (owned)
			free_owned(owned);
		return NULL;
	}
	walk->now.count++;
	return owned;
}

static bool was_owned(const struct walk *walk, const struct embargo_package_file *file)
{
	const struct owned *former = find(&walk->former->files, file->path);

	for (size_t i = 0; former && i < former->packages.count; i++)
		if (!strcmp(embargo_identity_value(&former->packages.array[i],
						   EMBARGO_ATTRIBUTE_NAME),
			    file->name))
			return true;
	return false;
}

static int note_fresh(struct walk *walk, const char *path)
{
	const char **fresh = walk->fresh;

	if (!(walk->fresh_count & (walk->fresh_count - 1)))
		fresh = reallocarray(walk->fresh, 2 * walk->fresh_count + 1, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	walk->fresh = fresh;
	walk->fresh[walk->fresh_count++] = path;
	return 0;
}

static int take_file(void *context, const struct embargo_package_file *file)
{
	struct walk *walk = context;
	struct owned *owned = find(&walk->now.files, file->path);

	if (!owned && walk->now.count == EMBARGO_OWNERS_MAX)
		return -E2BIG;
	if (!owned)
		owned = make(walk, file->path);
	if (!owned)
		return -ENOMEM;
	add_package(&owned->packages, file, file->path);
	return was_owned(walk, file) ? 0 : note_fresh(walk, owned->path);
}

int embargo_owners_refresh(struct embargo_owners *owners, const struct embargo_policy_set *set,
			   bool is_new_set, void (*each)(void *context, const char *path),
			   void *context, struct embargo_diagnostic *diagnostic)
{
	struct walk walk = { .set = set, .former = owners };
	int error;

	if (!names_packages(set)) {
		tdestroy(owners->files, free_owned);
		*owners = (struct embargo_owners) { .count = 0 };
		return 0;
	}
	/* In the midst of an installation they change again and again: one walk behind it is
	 * enough. */
	if (note_changes(owners) && !is_new_set) {
		owners->is_pending = true;
		return 0;
	}
	if (!owners->is_pending && !is_new_set)
		return 0;
	memcpy(walk.now.changed, owners->changed, sizeof(walk.now.changed));
	error = embargo_packages_each("/", screen, take_file, &walk, diagnostic);
	embargo_identities_free(&walk.probe);
	free(walk.probed);
	/* What was found until then is better than nothing. */
	tdestroy(owners->files, free_owned);
	*owners = walk.now;
	for (size_t i = 0; i < walk.fresh_count; i++)
		each(context, walk.fresh[i]);
	free(walk.fresh);
	return error ? error : 1;
}

int embargo_owners_add(const struct embargo_owners *owners, const char *path,
		       struct embargo_identities *identities)
{
	const struct owned *owned = find(&owners->files, path);
	int error = 0;

	for (size_t i = 0; owned && i < owned->packages.count && !error; i++)
		error = embargo_identities_copy(identities, &owned->packages.array[i]);
	return error;
}
