/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Importing one file after the other into one list or one policy. */
#ifndef EMBARGO_CLI_IMPORTING_H
#define EMBARGO_CLI_IMPORTING_H

#include <stdbool.h>

#include "loader/base/progress.h"
#include "loader/cli/suppliers.h"
#include "loader/import/import.h"
#include "loader/import/listing.h"
#include "loader/import/rules.h"

struct embargo_importing {
	bool is_unconfined;
	bool makes_rules;			    /* and not a list */
	const struct embargo_import_format *format; /* NULL: to be told from each file */
	struct embargo_import_choice choice;
	struct embargo_listing listing;
	struct embargo_rules rules;
	struct embargo_progress progress;
	const char *path;		    /* of the file that is read */
	struct embargo_suppliers suppliers; /* where none was chosen */
	size_t taken, empty;
	size_t parts;			      /* of EMBARGO_SHA256_PART bytes, hashed */
	struct embargo_diagnostic diagnostic; /* of the file that is read */
};

/* Reads the file or folder @path. Says what is wrong on standard error. Returns 0 or -errno. */
int embargo_importing_read(struct embargo_importing *importing, const char *path);

/* Gives back what it holds; zeroed memory holds nothing. */
void embargo_importing_stop(struct embargo_importing *importing);

#endif
