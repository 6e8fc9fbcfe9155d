/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of classified files: what was found in a file is not looked for again while the file is
 * the same. SQLite lives here. */
#ifndef EMBARGO_INDEX_INDEX_H
#define EMBARGO_INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/base/paths.h"
#include "loader/model/names.h"

#define EMBARGO_INDEX_FILE EMBARGO_STATE_FOLDER "/index.sqlite"

/* Files that are remembered: a host with more forgets those that it has not seen for longest. */
#define EMBARGO_INDEX_ROWS 1000000

/* Bytes that the file may grow to, at some 500 a row; full means that the oldest are forgotten. */
#define EMBARGO_INDEX_SIZE (512u << 20)

/* Bytes of identities of one file, as JSON: as much as a line of the list of learned digests. */
#define EMBARGO_INDEX_TEXT (256u << 10)

/* Changes that go to the disk together: a commit waits for the disk. */
#define EMBARGO_INDEX_BATCH 512

/*
 * What makes a file the same file with the same content. Neither mtime nor the change counter is
 * part of it: utimes(2) sets mtime at will, and what moves it moves ctime too; the counter
 * (i_version) is the kernel's own, which statx(2) does not give to user space.
 */
struct embargo_index_key {
	uint64_t device;
	uint64_t inode;
	uint64_t generation; /* FS_IOC_GETVERSION; 0 where the file system has none */
	int64_t changed;     /* ctime, ns since 1970 */
	uint64_t size;
};

struct embargo_index_entry {
	struct embargo_digest digest;
	enum embargo_kind kind;
	const char *identities; /* JSON, opaque to the index; no NUL within */
	size_t identities_size; /* bytes, without a NUL */
};

/*
 * The key of the open file @fd. Take it before the file is read and again behind: only where both
 * are the same was one content read. Errors: -EOPNOTSUPP where a key would mean nothing (all but
 * ext4, xfs, btrfs and f2fs: on tmpfs and overlay a change may leave ctime alone, and images bring
 * the times that their maker wrote), -EINVAL for what is no regular file, or as fstat(2).
 */
int embargo_index_key_read(int fd, struct embargo_index_key *key);
bool embargo_index_key_is(const struct embargo_index_key *a, const struct embargo_index_key *b);

struct embargo_index;

/*
 * Opens the index in @file, or makes one. A damaged one (no database, another program's, another
 * version's, of a form that is not ours, unreadable) is renamed to FILE.damaged, over an earlier
 * one, and a new one made: *@was_damaged is then true and @diagnostic says what was wrong.
 *
 * An index is a help, never a need. Where it cannot be opened (a read-only or full disk) this
 * returns -errno, told in @diagnostic, and the caller goes on with NULL, which all functions below
 * take for an index that holds nothing and keeps nothing. So does one that breaks while it is in
 * use: a damaged one is set aside then, and the next opening makes a new one; one whose file system
 * fails is let go, so that it can be unmounted and repaired.
 *
 * Reads the file once to check it, which is bounded by EMBARGO_INDEX_SIZE. One index is one
 * thread's; several processes may have the same file open.
 */
int embargo_index_open(const char *file, struct embargo_index **index, bool *was_damaged,
		       struct embargo_diagnostic *diagnostic);

/*
 * What is found in a file also depends on what is not in it: on the anchors of this host, and on
 * who reads. @ground is a number for that: where it is another one than the last time, all is
 * forgotten. Errors: -EIO, -ENOSPC, -EBUSY, -EROFS; then nothing in the index is to be relied on.
 */
int embargo_index_ground(struct embargo_index *index, uint64_t ground);

/*
 * For who only comes by, while another may have the index open: findings of this @ground alone are
 * to be taken and kept; nothing is forgotten for it, and each change is flushed at once. An index
 * without a ground gets it. Errors: -ESTALE where it has another, or as embargo_index_ground();
 * then nothing in it is to be relied on.
 */
int embargo_index_visit(struct embargo_index *index, uint64_t ground);

/* Is it one that holds and keeps something? */
bool embargo_index_is_open(const struct embargo_index *index);

/* Flushes and closes. */
void embargo_index_close(struct embargo_index *index);

/*
 * What was found in the file of this key, and notes (once a day) that it was seen. The text in
 * @entry stays until the next call on @index. Errors: -ENOENT where nothing is known of it, which
 * is also the answer of an index that fails.
 */
int embargo_index_find(struct embargo_index *index, const struct embargo_index_key *key,
		       struct embargo_index_entry *entry);

/*
 * Remembers @entry under @key, in place of what was known of this inode. It lasts from the next
 * flush on, which comes by itself after EMBARGO_INDEX_BATCH changes or with the first change after
 * a second. Errors, all of which a caller may ignore: -EAGAIN where the file changed within the
 * last two seconds (another change may have left ctime the same) or has a ctime in the future,
 * -ESTALE where the index got another ground since embargo_index_visit(), -E2BIG, -EBUSY where
 * another process holds the file for longer than 200 ms, -EIO, -ENOSPC.
 */
int embargo_index_put(struct embargo_index *index, const struct embargo_index_key *key,
		      const struct embargo_index_entry *entry);

/* Makes last what was put. For whenever the caller has nothing else to do: until then the file is
 * locked against other writers. */
int embargo_index_flush(struct embargo_index *index);

/* Forgets what was not seen since @since (seconds since 1970; days count). */
int embargo_index_prune(struct embargo_index *index, int64_t since);

/*
 * Calls @each for every entry, for when the rules change: what was found is held against them
 * without being looked for again. @each may not call the index. A nonzero return ends it and is
 * handed on. Returns 0, that, or -errno.
 */
int embargo_index_each(struct embargo_index *index,
		       int (*each)(void *context, const struct embargo_index_key *key,
				   const struct embargo_index_entry *entry),
		       void *context);

/* How many entries there are, for `status`. */
uint64_t embargo_index_count(const struct embargo_index *index);

#endif
