// SPDX-License-Identifier: GPL-2.0-or-later
/* All files of installed packages, or the packages of one. */
#include "loader/packages/packages.h"

#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/packages/database.h"

int embargo_package_walk_screen(struct embargo_package_walk *walk,
				const struct embargo_package_file *file)
{
	return walk->screen ? walk->screen(walk->context, file) : 1;
}

int embargo_package_walk_visit(struct embargo_package_walk *walk, struct embargo_package_file *file)
{
	char resolved[PATH_MAX];

	/* Documentation that an image leaves out, a folder, a link: nothing to run. */
	if (embargo_rooted_resolve(&walk->rooted, file->path, resolved))
		return 0;
	if (walk->only && strcmp(walk->only, resolved))
		return 0;
	file->path = resolved;
	return walk->visit(walk->context, file);
}

static int walk_all(struct embargo_package_walk *walk)
{
	int error = embargo_rooted_open(walk->root, &walk->rooted);

	if (error) {
		embargo_diagnostic_at(walk->diagnostic, walk->root, 0, 0);
		return embargo_diagnostic_what(walk->diagnostic, error, "%s", strerror(-error));
	}
	error = embargo_dpkg_walk(walk);
	if (!error)
		error = embargo_rpm_walk(walk);
	embargo_rooted_close(&walk->rooted);
	return error;
}

int embargo_packages_each(const char *root, embargo_package_screen *screen,
			  embargo_package_visit *visit, void *context,
			  struct embargo_diagnostic *diagnostic)
{
	struct embargo_package_walk walk = {
		.root = root,
		.screen = screen,
		.visit = visit,
		.context = context,
		.diagnostic = diagnostic,
	};

	return walk_all(&walk);
}

/* A package with a name that is none is left with the values that are. */
static int add(void *context, const struct embargo_package_file *file)
{
	struct embargo_identities *identities = context;
	struct embargo_identity *package =
		embargo_identities_add(identities, EMBARGO_IDENTITY_PACKAGE);
	const struct {
		enum embargo_attribute attribute;
		const char *text;
	} values[] = {
		{ EMBARGO_ATTRIBUTE_NAME, file->name },
		{ EMBARGO_ATTRIBUTE_VERSION, file->version },
		{ EMBARGO_ATTRIBUTE_VENDOR, file->vendor },
		{ EMBARGO_ATTRIBUTE_MAINTAINER, file->maintainer },
		{ EMBARGO_ATTRIBUTE_PATH, file->path },
	};

	if (!package)
		return -ENOSPC;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].text &&
		    embargo_identities_set(identities, package, values[i].attribute, values[i].text,
					   strlen(values[i].text)) == -ENOMEM)
			return -ENOMEM;
	if (!package->count)
		embargo_identities_drop(identities);
	return 0;
}

int embargo_package_owner(const char *root, const char *path, struct embargo_identities *identities,
			  struct embargo_diagnostic *diagnostic)
{
	struct embargo_package_walk walk = {
		.root = root,
		.only = path,
		.visit = add,
		.context = identities,
		.diagnostic = diagnostic,
	};

	return walk_all(&walk);
}
