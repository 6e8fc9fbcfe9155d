/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An index to test with: the file `index` of the test's own folder, and short entries for it. */
#ifndef EMBARGO_TESTS_UNIT_INDEX_H
#define EMBARGO_TESTS_UNIT_INDEX_H

#include "loader/index/index.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "tests/unit/policy_fixture.h"

#define LONG_AGO 1700000000000000000

static inline struct embargo_index *open_index(bool was_damaged)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_index *index = NULL;
	bool is_damaged = false;
	const int error = embargo_index_open("index", &index, &is_damaged, &diagnostic);

	if (error || is_damaged != was_damaged)
		print_message("%d: %s\n", error, diagnostic.what);
	assert_int_equal(error, 0);
	assert_int_equal(is_damaged, was_damaged);
	assert_int_equal(is_damaged, diagnostic.what[0] != '\0');
	return index;
}

static inline struct embargo_index_key key_of(uint64_t inode)
{
	return (struct embargo_index_key) { .device = UINT64_MAX - 7,
					    .inode = inode,
					    .generation = 3,
					    .changed = LONG_AGO,
					    .size = 7 };
}

static inline int put(struct embargo_index *index, uint64_t inode, const char *text)
{
	const struct embargo_index_key key = key_of(inode);
	const struct embargo_index_entry entry = { .digest = { .bytes = { inode & 0xff } },
						   .kind = EMBARGO_KIND_ELF,
						   .identities = text,
						   .identities_size = strlen(text) };

	return embargo_index_put(index, &key, &entry);
}

/* Is @inode there, and with @text? */
static inline bool has(struct embargo_index *index, uint64_t inode, const char *text)
{
	const struct embargo_index_key key = key_of(inode);
	struct embargo_index_entry entry;

	return !embargo_index_find(index, &key, &entry) &&
	       entry.digest.bytes[0] == (inode & 0xff) && entry.kind == EMBARGO_KIND_ELF &&
	       entry.identities_size == strlen(text) && !strcmp(entry.identities, text);
}

static inline int sum_inodes(void *context, const struct embargo_index_key *key,
			     const struct embargo_index_entry *entry)
{
	*(uint64_t *)context += key->inode;
	return entry->identities_size == 2 ? 0 : 5;
}

/* Runs @sql on the closed index. */
static inline void alter(const char *sql)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open("index", &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

#endif
