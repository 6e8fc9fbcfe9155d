// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading a database without trust in what it holds. */
#include "loader/sqlite/foreign.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/sqlite/file.h"

struct embargo_foreign {
	sqlite3_vfs vfs;
	sqlite3 *database;
	int fd;
};

struct embargo_rows {
	sqlite3_stmt *statement;
	sqlite3 *database;
};

/* What no statement of ours needs is not to be had. A full NSRL has views where a minimal one has
 * tables. */
static const struct {
	int option;
	int value;
} switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },      { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 1 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },	       { SQLITE_DBCONFIG_DQS_DDL, 0 },
};

static const struct {
	int limit;
	int value;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, EMBARGO_FOREIGN_LENGTH },
	{ SQLITE_LIMIT_SQL_LENGTH, 65536 },
	{ SQLITE_LIMIT_COLUMN, 128 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 64 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 8 },
	{ SQLITE_LIMIT_VDBE_OP, 25000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 8 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 0 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

/* The database's own views may select and read, and not go round in circles. */
static int authorize(void *context, int action, const char *first, const char *second,
		     const char *database, const char *view)
{
	(void)context, (void)first, (void)second, (void)database, (void)view;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
		return SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int explain(int code, const char *message, char why[EMBARGO_FOREIGN_WHY])
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
	case SQLITE_TOOBIG:
	case SQLITE_CANTOPEN: /* what it would keep aside in a file */
		snprintf(why, EMBARGO_FOREIGN_WHY, "takes more memory than is given to it");
		return -ENOMEM;
	case SQLITE_IOERR:
		snprintf(why, EMBARGO_FOREIGN_WHY, "cannot be read, or ends too early");
		return -EIO;
	case SQLITE_NOTADB:
		snprintf(why, EMBARGO_FOREIGN_WHY, "is no SQLite database");
		return -EINVAL;
	default:
		snprintf(why, EMBARGO_FOREIGN_WHY, "cannot be used: %.200s", message);
		return -EINVAL;
	}
}

/* What stands in a log beside the file is part of the database, and is not to be seen from here.
 *
 *   18  1  1: the file is written by a journal, 2: by a write-ahead log
 *   (sqlite.org/fileformat.html, 1.3)
 */
static int check_head(int fd, char why[EMBARGO_FOREIGN_WHY])
{
	unsigned char head[100];

	if (embargo_file_pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, "SQLite format 3", 16))
		return explain(SQLITE_NOTADB, "", why);
	if (head[18] < 2)
		return 0;
	snprintf(why, EMBARGO_FOREIGN_WHY,
		 "is in its write-ahead mode, and may have changes in a log beside it; "
		 "sqlite3 FILE 'PRAGMA journal_mode = DELETE' takes them in");
	return -EINVAL;
}

static int harden(sqlite3 *database)
{
	static const char pragmas[] =
		"PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA query_only = ON; "
		"PRAGMA cell_size_check = ON";
	char cache[64];
	int code = SQLITE_OK;

	sqlite3_hard_heap_limit64((sqlite3_int64)EMBARGO_FOREIGN_MEMORY);
	for (size_t i = 0; i < ARRAY_SIZE(switches) && !code; i++)
		code = sqlite3_db_config(database, switches[i].option, switches[i].value, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(database, limits[i].limit, limits[i].value);
	snprintf(cache, sizeof(cache), "PRAGMA cache_size = -%llu",
		 (unsigned long long)EMBARGO_FOREIGN_CACHE >> 10);
	if (!code)
		code = sqlite3_exec(database, pragmas, NULL, NULL, NULL);
	if (!code)
		code = sqlite3_exec(database, cache, NULL, NULL, NULL);
	return code ? code : sqlite3_set_authorizer(database, authorize, NULL);
}

int embargo_foreign_open(int fd, struct embargo_foreign **foreign, char why[EMBARGO_FOREIGN_WHY])
{
	struct embargo_foreign *opened;
	int code, error = check_head(fd, why);

	if (error)
		return error;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return explain(SQLITE_NOMEM, "", why);
	opened->fd = fd;
	embargo_sqlite_file_prepare(&opened->vfs, &opened->fd);
	code = sqlite3_vfs_register(&opened->vfs, 0);
	if (!code)
		code = sqlite3_open_v2("foreign", &opened->database,
				       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
					       SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
				       EMBARGO_SQLITE_FILE_NAME);
	if (!code)
		code = harden(opened->database);
	if (code) {
		error = explain(code, sqlite3_errmsg(opened->database), why);
		embargo_foreign_close(opened);
		return error;
	}
	*foreign = opened;
	return 0;
}

void embargo_foreign_close(struct embargo_foreign *foreign)
{
	if (!foreign)
		return;
	sqlite3_close(foreign->database);
	sqlite3_vfs_unregister(&foreign->vfs);
	free(foreign);
}

bool embargo_foreign_has(struct embargo_foreign *foreign, const char *table, const char *column)
{
	sqlite3_stmt *statement = NULL;
	char sql[128];
	int code;

	snprintf(sql, sizeof(sql), "SELECT %s FROM %s LIMIT 0", column, table);
	code = sqlite3_prepare_v2(foreign->database, sql, -1, &statement, NULL);
	sqlite3_finalize(statement);
	return !code;
}

int embargo_foreign_ask(struct embargo_foreign *foreign, const char *sql,
			struct embargo_rows **rows, char why[EMBARGO_FOREIGN_WHY])
{
	struct embargo_rows *made = calloc(1, sizeof(*made));
	int code;

	if (!made)
		return explain(SQLITE_NOMEM, "", why);
	made->database = foreign->database;
	code = sqlite3_prepare_v2(foreign->database, sql, -1, &made->statement, NULL);
	if (code) {
		free(made);
		return explain(code, sqlite3_errmsg(foreign->database), why);
	}
	*rows = made;
	return 0;
}

int embargo_rows_next(struct embargo_rows *rows, char why[EMBARGO_FOREIGN_WHY])
{
	int code = sqlite3_step(rows->statement);

	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : explain(code, sqlite3_errmsg(rows->database), why);
}

void embargo_rows_free(struct embargo_rows *rows)
{
	if (!rows)
		return;
	sqlite3_finalize(rows->statement);
	free(rows);
}

const char *embargo_rows_text(struct embargo_rows *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows->statement, column);

	return text && strlen(text) == (size_t)sqlite3_column_bytes(rows->statement, column) ? text
											     : NULL;
}

bool embargo_rows_number(struct embargo_rows *rows, int column, int64_t *number)
{
	if (sqlite3_column_type(rows->statement, column) != SQLITE_INTEGER)
		return false;
	*number = sqlite3_column_int64(rows->statement, column);
	return true;
}
