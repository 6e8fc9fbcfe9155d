/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of installed packages that some rule names: few of the many that a host has. */
#ifndef EMBARGO_WATCH_OWNERS_H
#define EMBARGO_WATCH_OWNERS_H

#include <stdbool.h>

#include "loader/policy/policy.h"

/* Files that are kept. A rule that names more packages than have so many is told of. */
#define EMBARGO_OWNERS_MAX 262144

struct embargo_owners;

int embargo_owners_open(struct embargo_owners **owners);
void embargo_owners_close(struct embargo_owners *owners);

/*
 * Reads the databases of packages again, where @set is another one, or they have changed since and
 * not between the last two calls: to be called every second or two.
 * Calls @each for every file that belongs to a package which it did not belong to before: it has to
 * be examined anew. Takes seconds on a host with many packages. Returns whether there was anything
 * to read, or -errno, told in @diagnostic.
 */
int embargo_owners_refresh(struct embargo_owners *owners, const struct embargo_policy_set *set,
			   bool is_new_set, void (*each)(void *context, const char *path),
			   void *context, struct embargo_diagnostic *diagnostic);

/* Adds the packages that own @path to @identities, of those that a rule names. -E2BIG, -ENOMEM. */
int embargo_owners_add(const struct embargo_owners *owners, const char *path,
		       struct embargo_identities *identities);

#endif
