/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installed packages: which files are theirs. */
#ifndef EMBARGO_PACKAGES_PACKAGES_H
#define EMBARGO_PACKAGES_PACKAGES_H

#include "loader/base/diagnostic.h"
#include "loader/model/identity.h"

struct embargo_package_file {
	const char *path; /* where it is, links on the way followed; below the root */
	const char *name;
	/* NULL where it is not known. */
	const char *version, *vendor, *maintainer;
	const char *key_id; /* of the package's signature, hex */
};

/* What is returned but 0 ends the walk, and is its result. */
typedef int embargo_package_visit(void *context, const struct embargo_package_file *file);

/* Is any file of the package of interest? @file has no path yet. Returns 1, 0, or -errno. */
typedef int embargo_package_screen(void *context, const struct embargo_package_file *file);

/*
 * Visits each regular file of each installed package below @root ("/" for this host) that
 * @screen (or NULL: all) takes, as dpkg's lists and the RPM database have them; a file that a
 * package lists and that is not there is left out. Needs memory for dpkg's status and one package's
 * list. Databases that are not there have no files. Errors, told in @diagnostic: what reading says,
 * -ENOPKG where there is an RPM database and no embargo-rpm-list to read it: dpkg's files were
 * visited then.
 */
int embargo_packages_each(const char *root, embargo_package_screen *screen,
			  embargo_package_visit *visit, void *context,
			  struct embargo_diagnostic *diagnostic);

/*
 * Adds the packages that own the file at @path (absolute, links followed) to @identities: each as
 * a package with the path. Errors: as above, -ENOSPC where there is no room for one more.
 */
int embargo_package_owner(const char *root, const char *path, struct embargo_identities *identities,
			  struct embargo_diagnostic *diagnostic);

#endif
