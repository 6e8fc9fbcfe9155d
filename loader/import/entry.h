/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader of somebody else's list finds, and hands on as it finds it. */
#ifndef EMBARGO_IMPORT_ENTRY_H
#define EMBARGO_IMPORT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/model/names.h"

/* Texts that are longer are cut off where they are handed on: names are for people here. */
#define EMBARGO_IMPORT_TEXT 4096

/* One file that the source knows by its digest. Texts are UTF-8 or not, and good for the call only.
 */
struct embargo_import_entry {
	struct embargo_digest digest;
	bool sized;
	uint64_t size;
	enum embargo_kind kind; /* EMBARGO_KIND_UNKNOWN: the source does not say */
	const char *name;	/* as the source has it */
	const char *provenance; /* where in the source it stands, of what, and by whose word */
	const char *supplier;	/* as the source has it; NULL: it names none */
	int64_t from, until; /* ns since 1970, from when to when it is meant; 0: it says nothing */
};

/* A package that the source names, with or without digests: for rules. */
struct embargo_import_package {
	const char *type; /* of its package URL: "deb", "rpm" */
	const char *name;
	const char *provenance;
	const char *supplier; /* or NULL */
};

/*
 * Where all of that goes. What a call returns other than 0 ends the reading and is its result; that
 * is no fault of the source, and the diagnostic is filled already.
 */
struct embargo_import_taker {
	void *context;
	int (*entry)(void *context, const struct embargo_import_entry *entry);
	int (*package)(void *context, const struct embargo_import_package *package);
	/* A supplier that could be chosen, and how many files it has; where none was. */
	int (*supplier)(void *context, const char *name, uint64_t count);
	/* What was left out, and why: "12 MD5 digests left out: embargo compares SHA-256". */
	int (*note)(void *context, const char *text);
	/* How far the reading is; @total is 0 where that is not known. */
	int (*progress)(void *context, uint64_t done, uint64_t total);
};

#endif
