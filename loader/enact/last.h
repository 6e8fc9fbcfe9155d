/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last good generation, kept compiled where an early boot can read it: before /var, and with
 * nothing to parse, to verify or to look up. */
#ifndef EMBARGO_ENACT_LAST_H
#define EMBARGO_ENACT_LAST_H

#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/model/tables.h"

/*
 *	"embargo\n"     8 bytes
 *	format          32 bits
 *	version         of the program, NULs behind it
 *	made, issued    64 bits each, ns since 1970
 *	rules           64 bits: how many there are, to be told
 *	parts           for each array of struct embargo_last, in their order:
 *	                bytes of an entry (32 bits), entries (64 bits), the entries
 *	sum             SHA-256 of all before
 *
 * Numbers and entries are this machine's own, as the kernel half takes them: no other reads them,
 * and no other version of this program. What changes their meaning raises the format.
 */
#define EMBARGO_LAST_FOLDER  "/etc/embargo/state"
#define EMBARGO_LAST_FILE    EMBARGO_LAST_FOLDER "/generation"
#define EMBARGO_LAST_DAMAGED ".damaged"
#define EMBARGO_LAST_FORMAT  1
#define EMBARGO_LAST_VERSION 32

/* Some five million digests: more than a kernel of ordinary memory takes. */
#define EMBARGO_LAST_BYTES (512u << 20)

struct embargo_last_policy {
	char id[EMBARGO_NAME_SIZE];
	uint64_t version;
	int64_t expires; /* ns since 1970; INT64_MAX: never */
};

struct embargo_last {
	struct embargo_tables tables; /* without rule_timelines, which only learning asks for */
	struct embargo_last_policy *policies;
	size_t policy_count;
	uint64_t rule_count;
	int64_t made;	/* the floor of the clock when it was put in force: now is no earlier */
	int64_t issued; /* latest `issued` of the policies; INT64_MIN: none */
};

/*
 * Puts @last in the place of what is in @file, whole or not at all, for root alone. Errors:
 * -EFBIG it is larger than EMBARGO_LAST_BYTES, or as embargo_file_replace().
 */
int embargo_last_write(const char *file, const struct embargo_last *last);

/*
 * Reads it back. Fills @diagnostic where it fails: -ENOENT none was kept; -EBADMSG it is damaged,
 * and set aside; -EPROTO another version of this program kept it; or of reading. The caller frees.
 */
int embargo_last_read(const char *file, struct embargo_last *last,
		      struct embargo_diagnostic *diagnostic);
void embargo_last_free(struct embargo_last *last);

#endif
