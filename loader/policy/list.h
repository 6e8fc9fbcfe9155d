/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digest lists: ClamAV's .hsb lines and the output of sha256sum, read as a stream. */
#ifndef EMBARGO_POLICY_LIST_H
#define EMBARGO_POLICY_LIST_H

#include "loader/policy/policy.h"

/*
 *   9f86d0...0a08:1234:NAME       .hsb; the size may be *, and a level (:73) may follow
 *   9f86d0...0a08  NAME           sha256sum; *NAME for binary, a \ before a line with escapes
 *   # comment, or nothing
 *
 * The longest line that sha256sum writes: a path of 4,095 bytes, each of them escaped.
 */
#define EMBARGO_LIST_LINE (1 + 64 + 2 + 2 * 4095 + 2)

/* Four million lines of ordinary length; a larger file is no list of digests. */
#define EMBARGO_LIST_BYTES (UINT64_C(1) << 30)

/* One line of a list. */
struct embargo_list_entry {
	struct embargo_digest digest;
	bool sized;
	uint64_t size;
	const char *name; /* as the line has it, good until the next is read */
	/* The comment above it and maybe others, its lines in one: up to EMBARGO_LIST_COMMENT - 1
	 * bytes. Of a policy's list nobody asks: NULL. */
	const char *comment;
	unsigned int line;
};

/* What is said in more words is cut off. */
#define EMBARGO_LIST_COMMENT 4096

/* The longest name in an .hsb line that embargo writes: a path. */
#define EMBARGO_LIST_NAME 4096

/*
 * Writes @name to @text (@size bytes) as a line can hold it: printable, without a colon, not empty,
 * cut off where it does not fit. Returns @text.
 */
char *embargo_list_name(const char *name, char *text, size_t size);

/*
 * Checks the `sha256` of @list, where it has one, and hands each entry to @each, which may end the
 * reading with -errno. The entries are good where all went well: only then are they known to be of
 * the bytes that were checked. Nothing but one line is held in memory. A list that cannot be read
 * is refused where @policy names it, a bad line in the list's own place. Errors: -EINVAL, -E2BIG,
 * or of reading.
 */
int embargo_list_read(const struct embargo_policy *policy, const struct embargo_list *list,
		      int (*each)(void *context, const struct embargo_list_entry *entry),
		      void *context, struct embargo_diagnostic *diagnostic);

/*
 * The same for the open file @fd, called @path, which is no policy's list: the digest of the empty
 * file is an entry as any other, and so is a list of none. Errors: -EINVAL, or of reading.
 */
int embargo_list_read_file(int fd, const char *path,
			   int (*each)(void *context, const struct embargo_list_entry *entry),
			   void *context, struct embargo_diagnostic *diagnostic);

#endif
