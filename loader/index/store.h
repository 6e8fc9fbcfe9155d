/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database file of the index: opened without trust in what it holds, set aside when damaged. */
#ifndef EMBARGO_INDEX_STORE_H
#define EMBARGO_INDEX_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "loader/base/diagnostic.h"

/* As embargo_index_open(), for the database alone. */
int embargo_store_open(const char *file, sqlite3 **database, bool *was_damaged,
		       struct embargo_diagnostic *diagnostic);

/* Renames @file, and its log, to FILE.damaged. Nobody has it open by this process. */
int embargo_store_set_aside(const char *file);

/* Does result @code of SQLite say that the file is no good, rather than the moment? */
bool embargo_store_is_damage(int code);

/* -errno for it. */
int embargo_store_errno(int code);

#endif
