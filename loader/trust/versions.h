/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The highest version of each policy that was ever in force here: an older one is a replay. */
#ifndef EMBARGO_TRUST_VERSIONS_H
#define EMBARGO_TRUST_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/base/paths.h"

/*
 *	embargo-versions 1
 *	ID VERSION signed|unsigned SHA256 TIME        of its text, and when it was first in force
 *	...
 *	sum SHA256                                    of all lines before
 *
 * Bounds. A generation has 64 policies; thousands of ids come of a generator, and can be forgotten.
 */
#define EMBARGO_VERSIONS_FILE  EMBARGO_STATE_FOLDER "/versions"
#define EMBARGO_VERSIONS_COUNT 4096
#define EMBARGO_VERSIONS_BYTES (1u << 20)

/* What stood in a damaged file, for who wants to look at it. */
#define EMBARGO_VERSIONS_DAMAGED ".damaged"

struct embargo_version {
	char id[EMBARGO_NAME_SIZE];
	uint64_t version;
	bool is_signed;
	struct embargo_digest sha256;
	int64_t seen; /* ns since 1970 */
};

struct embargo_versions {
	struct embargo_version *array;
	size_t count;
	bool is_damaged; /* the file was: what of it can be read is here */
};

/*
 * What @file remembers; nothing where it is not there. A damaged one is no error: a host must not
 * lose its enforcement over it. Errors: of reading, -ENOMEM. The caller frees.
 */
int embargo_versions_read(const char *file, struct embargo_versions *versions);
void embargo_versions_free(struct embargo_versions *versions);

/*
 * Writes all of it, as embargo_file_replace() does; a damaged file is kept beside it. Returns 0 or
 * -errno.
 */
int embargo_versions_write(const char *file, const struct embargo_versions *versions);

/*
 * May @version be put in force? Refuses (-ESTALE, with what and remedy in @diagnostic) one that is
 * lower than what is remembered, and other bytes under the number of signed ones that were in force
 * before: two who have the same number must have the same rules. Who writes policies by hand, and
 * signs none, may change them as they like.
 */
int embargo_versions_check(const struct embargo_versions *versions,
			   const struct embargo_version *version,
			   struct embargo_diagnostic *diagnostic);

/* Remembers @version; @is_changed is set where that was not remembered yet. -E2BIG, -ENOMEM. */
int embargo_versions_note(struct embargo_versions *versions, const struct embargo_version *version,
			  bool *is_changed);

/* Forgets what is remembered of @id. -ENOENT: nothing was. */
int embargo_versions_forget(struct embargo_versions *versions, const char *id);

#endif
