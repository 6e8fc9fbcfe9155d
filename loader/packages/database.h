/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the databases of packages have in common: one walk, over all files or those of one name. */
#ifndef EMBARGO_PACKAGES_DATABASE_H
#define EMBARGO_PACKAGES_DATABASE_H

#include "loader/packages/packages.h"
#include "loader/packages/rooted.h"

struct embargo_package_walk {
	struct embargo_rooted rooted;
	const char *root;
	const char *only;		/* the only resolved path of interest; NULL: all */
	embargo_package_screen *screen; /* NULL: every package */
	embargo_package_visit *visit;
	void *context;
	struct embargo_diagnostic *diagnostic;
};

/*
 * Visits the files that the database knows, with what embargo_packages_each() says; 0 where there
 * is no such database.
 */
int embargo_dpkg_walk(struct embargo_package_walk *walk);
int embargo_rpm_walk(struct embargo_package_walk *walk);

/* Is the package that @file, still without a path, is of worth a look at its files? */
int embargo_package_walk_screen(struct embargo_package_walk *walk,
				const struct embargo_package_file *file);

/* Visits @file, whose path is still as it is listed, where it is there and of interest. */
int embargo_package_walk_visit(struct embargo_package_walk *walk,
			       struct embargo_package_file *file);

#endif
