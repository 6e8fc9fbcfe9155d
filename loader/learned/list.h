/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of learned digests: what was classified and matched a rule, kept over reboots. */
#ifndef EMBARGO_LEARNED_LIST_H
#define EMBARGO_LEARNED_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/paths.h"
#include "loader/model/identity.h"
#include "loader/model/names.h"

#define EMBARGO_LEARNED_FILE EMBARGO_STATE_FOLDER "/learned"

/* Bytes of a line: a path and some identities, each value below 1 KiB. */
#define EMBARGO_LEARNED_LINE (256 << 10)

/*
 * One learned digest. The identities are those that rules asked for when it was learned, so that
 * later rules can be held against them: an entry that no rule matches any more has no effect.
 */
struct embargo_learned_entry {
	struct embargo_digest digest;
	uint64_t size; /* bytes */
	enum embargo_kind kind;
	int64_t at;	  /* when it was learned, ns since 1970 */
	const char *path; /* where the file was then; NULL: nowhere */
	uint64_t anchors; /* what `chain_ok` rests on: see embargo_anchors_number() */
	struct embargo_identities identities;
};

/*
 * Where @entry rests on other anchors than @anchors, no chain of it is good any more: who was
 * vouched for by one that has gone is vouched for by nobody, until the file is looked into again.
 * To be asked before the entry is held against rules.
 */
void embargo_learned_entry_rest(const struct embargo_learned_entry *entry, uint64_t anchors);

/*
 * The list is a file of one JSON object a line. A line that is none (the last one, where the power
 * failed) is passed over. A list that is not there is empty. All functions return 0 or -errno.
 *
 * Whoever changes it holds its lock, and so does a reload from reading it until its generation is
 * in force: what is learned meanwhile belongs to the next one.
 */

/* Calls @each for every entry; a nonzero return ends the reading and is handed on. */
int embargo_learned_list_each(const char *file,
			      int (*each)(void *context, const struct embargo_learned_entry *entry),
			      void *context);

/* Calls @each for the entry in the one line @text, and hands on what it returns; -EBADMSG where it
 * is none. */
int embargo_learned_list_line(const char *text, size_t length,
			      int (*each)(void *context, const struct embargo_learned_entry *entry),
			      void *context);

/* Adds @entry at the end, and makes it last; or adds nothing. */
int embargo_learned_list_append(const char *file, const struct embargo_learned_entry *entry);

/* The same in two steps: the entry as a line, which the caller frees, and the line into the list.
 */
int embargo_learned_list_encode(const struct embargo_learned_entry *entry, char **line);
int embargo_learned_list_append_line(const char *file, const char *line);

/* Writes the list anew with those entries for which @keep returns true. */
int embargo_learned_list_filter(const char *file,
				bool (*keep)(void *context,
					     const struct embargo_learned_entry *entry),
				void *context);

/* Takes the lock, waiting @wait_ms at most (-EAGAIN then). @fd is the caller's: closing it lets go.
 */
int embargo_learned_list_lock(const char *file, unsigned int wait_ms, int *fd);

#endif
