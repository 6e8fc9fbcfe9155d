/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open file as SQLite sees it: one database, to be read, and nothing beside it. */
#ifndef EMBARGO_SQLITE_FILE_H
#define EMBARGO_SQLITE_FILE_H

#include <sqlite3.h>

#define EMBARGO_SQLITE_FILE_NAME "embargo-file"

/* Makes @vfs one whose only file is @fd. Both have to outlive its registration. */
void embargo_sqlite_file_prepare(sqlite3_vfs *vfs, const int *fd);

#endif
