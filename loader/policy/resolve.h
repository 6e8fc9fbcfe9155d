/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a rule's path leads on this host. */
#ifndef EMBARGO_POLICY_RESOLVE_H
#define EMBARGO_POLICY_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel gives up after as many. */
#define EMBARGO_RESOLVE_LINKS 40

/*
 * Follows the symbolic links of the absolute @path as far as it exists; what does not exist stays
 * as it is written, and so does a slash at the end. Links that belong to neither root nor this user
 * are not followed: with one, a user could turn a rule against any program of the host. @left_link
 * (may be NULL) says that there was such a link. Errors: -ENAMETOOLONG, -ELOOP.
 */
int embargo_path_resolve(const char *path, char *resolved, size_t size, bool *left_link);

#endif
