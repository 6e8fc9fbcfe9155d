/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of a package: whether it is code, and its digests. */
#ifndef EMBARGO_MEMBERS_LOOK_H
#define EMBARGO_MEMBERS_LOOK_H

#include "loader/archive/members.h"
#include "loader/identity/specimen.h"

/* A file that may be a module is held in memory, whole; what is larger is none. */
#define EMBARGO_LOOK_MODULE EMBARGO_SPECIMEN_BYTES

/*
 * Programs, libraries, scripts, modules and packages by their first bytes; and what may be executed
 * by its mode, of whatever kind.
 */
struct embargo_look {
	bool is_code;
	enum embargo_kind kind;
	struct embargo_content file;  /* of code, or where all are wanted */
	bool is_damaged;	      /* it begins like a compressed module, which cannot be read */
	struct embargo_content inner; /* what is in a compressed module; of no size: it is none */
};

/* Reads the file that embargo_members_next() has come to. Errors: as those of members.h, -EIO. */
int embargo_look(struct embargo_members *members, const struct embargo_member *member,
		 bool wants_all, struct embargo_look *look);

#endif
