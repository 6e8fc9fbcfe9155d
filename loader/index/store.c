// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening, checking and setting aside the database of the index. */
#include "loader/index/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/index/index.h"

/* "emBi"; and the form of the tables below: to be raised whenever they or what is in them changes.
 */
#define APPLICATION 0x656d4269
#define VERSION	    2

#define PAGE	4096
#define LOCK_MS 1000
#define BUSY_MS 200

/*
 * One row for an inode: what was known of an earlier content is of no use. `seen` is in days. The
 * text is what sqlite_schema has to hold, byte for byte: a file whose schema was tampered with
 * would have SQLite run what stands there.
 */
static const char *const schema[] = {
	"CREATE TABLE file (device INTEGER NOT NULL, inode INTEGER NOT NULL, "
	"generation INTEGER NOT NULL, changed INTEGER NOT NULL, size INTEGER NOT NULL, "
	"digest BLOB NOT NULL, kind INTEGER NOT NULL, identities TEXT NOT NULL, "
	"seen INTEGER NOT NULL, PRIMARY KEY (device, inode)) STRICT, WITHOUT ROWID",
	"CREATE INDEX file_seen ON file (seen)",
	"CREATE TABLE ground (number INTEGER NOT NULL) STRICT",
};

/* What no statement of ours needs is not to be had. */
static const struct {
	int option;
	int value;
} switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
};

static const struct {
	int limit;
	int value;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, 4 * EMBARGO_INDEX_TEXT },
	{ SQLITE_LIMIT_SQL_LENGTH, 4096 },
	{ SQLITE_LIMIT_COLUMN, 16 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 16 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 2 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 16 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 0 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 },
};

bool embargo_store_is_damage(int code)
{
	switch (code) {
	case SQLITE_IOERR_READ: /* a bad sector */
	case SQLITE_IOERR_SHORT_READ:
	case SQLITE_IOERR_CORRUPTFS:
	case SQLITE_IOERR_DATA:
		return true;
	}
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_SCHEMA:
	case SQLITE_MISMATCH:
	case SQLITE_ERROR:    /* a statement of ours that does not fit what is there */
	case SQLITE_CANTOPEN: /* the file itself could be opened: what stands beside it is no log */
		return true;
	}
	return false;
}

int embargo_store_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int name_beside(const char *file, const char *suffix, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s%s", file, suffix) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int embargo_store_set_aside(const char *file)
{
	/* The log holds what is not in the file yet; the other two are worth nothing without it. */
	static const struct {
		const char *from, *to;
	} moves[] = { { "-wal", ".damaged-wal" }, { "", ".damaged" } };
	static const char *const worthless[] = { "-shm", "-journal", ".damaged-shm" };
	char from[PATH_MAX], to[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(worthless); i++)
		if (!name_beside(file, worthless[i], from) && unlink(from) && errno == EISDIR)
			rmdir(from);
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		if (name_beside(file, moves[i].from, from) || name_beside(file, moves[i].to, to))
			return -ENAMETOOLONG;
		/* A folder may stand where the file belongs, and one does not replace the other. */
		if (unlink(to) && errno == EISDIR)
			rmdir(to);
		if (rename(from, to) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* Two that open a damaged file at once must not set aside what the other has just made. */
static int take_lock(const char *file, int *lock)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000000 };
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	if (name_beside(file, ".lock", path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB); waited += 10) {
		if (errno != EWOULDBLOCK || waited >= LOCK_MS)
			return errno == EWOULDBLOCK ? -EBUSY : -errno;
		nanosleep(&pause, NULL);
	}
	*lock = TAKE_FD(fd);
	return 0;
}

/* Makes the file where there is none, for root's eyes only: SQLite would make it readable. 1: what
 * is there is no file. */
static int make_file(const char *file)
{
	_cleanup_close_ int fd = -1;
	struct stat status;

	fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0) {
		const int error = errno;

		return !lstat(file, &status) && !S_ISREG(status.st_mode) ? 1 : -error;
	}
	if (fstat(fd, &status))
		return -errno;
	return !S_ISREG(status.st_mode) || status.st_size > (off_t)EMBARGO_INDEX_SIZE;
}

static int harden(sqlite3 *database)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		const int code =
			sqlite3_db_config(database, switches[i].option, switches[i].value, NULL);

		if (code)
			return code;
	}
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		sqlite3_limit(database, limits[i].limit, limits[i].value);
	return sqlite3_busy_timeout(database, BUSY_MS);
}

/* The one value that @sql asks for, as a number or as text into @text. */
static int ask(sqlite3 *database, const char *sql, int64_t *number, char *text, size_t size)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

	if (!code && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const unsigned char *found = sqlite3_column_text(statement, 0);

		if (number)
			*number = sqlite3_column_int64(statement, 0);
		if (text)
			snprintf(text, size, "%s", found ? (const char *)found : "");
		code = SQLITE_OK;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_CORRUPT;
	}
	sqlite3_finalize(statement);
	return code;
}

static int make_tables(sqlite3 *database)
{
	char sql[128];
	int code = sqlite3_exec(database, "BEGIN EXCLUSIVE", NULL, NULL, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(schema) && !code; i++)
		code = sqlite3_exec(database, schema[i], NULL, NULL, NULL);
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
		 APPLICATION, VERSION);
	return code ? code : sqlite3_exec(database, sql, NULL, NULL, NULL);
}

static int check_tables(sqlite3 *database, struct embargo_diagnostic *diagnostic)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, "SELECT sql FROM sqlite_schema ORDER BY rowid", -1,
				      &statement, NULL);
	size_t found = 0;
	bool is_ours = true;

	while (!code && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const unsigned char *sql = sqlite3_column_text(statement, 0);

		is_ours = is_ours && found < ARRAY_SIZE(schema) && sql &&
			  !strcmp((const char *)sql, schema[found]);
		found++;
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	if (code != SQLITE_DONE)
		return code;
	if (is_ours && found == ARRAY_SIZE(schema))
		return SQLITE_OK;
	embargo_diagnostic_what(diagnostic, 0, "the index has other tables than it should");
	return SQLITE_CORRUPT;
}

/* The file as it is found; *@diagnostic is filled where it is to blame. */
static int check(sqlite3 *database, struct embargo_diagnostic *diagnostic)
{
	int64_t application = 0, version = 0, tables = 0;
	char text[128] = "";
	int code = ask(database, "PRAGMA application_id", &application, NULL, 0);

	if (!code)
		code = ask(database, "PRAGMA user_version", &version, NULL, 0);
	if (!code)
		code = ask(database, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0);
	if (code)
		return code;
	if (!tables && !application && !version)
		return make_tables(database);
	if (application != APPLICATION || version != VERSION) {
		embargo_diagnostic_what(diagnostic, 0,
					"the index is another program's, or another version's");
		return SQLITE_NOTADB;
	}
	code = check_tables(database, diagnostic);
	if (!code)
		code = ask(database, "PRAGMA quick_check(1)", NULL, text, sizeof(text));
	if (code || !strcmp(text, "ok"))
		return code;
	embargo_diagnostic_what(diagnostic, 0, "the index is damaged: %s", text);
	return SQLITE_CORRUPT;
}

/*
 * With a write-ahead log each commit is whole or absent after a kill or a power cut, and without a
 * wait for the disk at each (the last ones may be absent: they are found again). Where no log can
 * be had (no shared memory on that file system), the journal keeps the file whole by waiting more.
 * Memory is not mapped from the file: a bad sector is to be an error, not a signal.
 */
static int set_up(sqlite3 *database)
{
	char mode[16] = "", sql[256];
	int code = ask(database, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode));

	if (code)
		return code;
	snprintf(sql, sizeof(sql),
		 "PRAGMA synchronous = %s; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; "
		 "PRAGMA cache_size = -2048; PRAGMA cell_size_check = ON; "
		 "PRAGMA journal_size_limit = %u; PRAGMA max_page_count = %u",
		 strcmp(mode, "wal") ? "FULL" : "NORMAL", 8u << 20, EMBARGO_INDEX_SIZE / PAGE);
	return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

/* Returns 0, a result of SQLite, or -errno. */
static int open_once(const char *file, sqlite3 **database, struct embargo_diagnostic *diagnostic)
{
	sqlite3 *opened = NULL;
	int code = make_file(file);

	if (code < 0)
		return code;
	if (code) {
		embargo_diagnostic_what(diagnostic, 0, "the index is no file, or too large");
		return SQLITE_NOTADB;
	}
	code = sqlite3_open_v2(file, &opened,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				       SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
			       NULL);
	if (!code)
		code = harden(opened);
	if (!code)
		code = set_up(opened);
	if (!code)
		code = check(opened, diagnostic);
	if (code) {
		if (!diagnostic->what[0])
			embargo_diagnostic_what(diagnostic, 0, "the index cannot be used: %s",
						sqlite3_errmsg(opened));
		sqlite3_close(opened);
		return code;
	}
	*database = opened;
	return 0;
}

int embargo_store_open(const char *file, sqlite3 **database, bool *was_damaged,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int lock = -1;
	int code = take_lock(file, &lock);
	bool is_damaged;

	embargo_diagnostic_at(diagnostic, file, 0, 0);
	if (code)
		return embargo_diagnostic_what(diagnostic, code, "cannot lock the index: %s",
					       strerror(-code));
	diagnostic->what[0] = '\0';
	code = open_once(file, database, diagnostic);
	is_damaged = code > 0 && embargo_store_is_damage(code);
	if (is_damaged) {
		struct embargo_diagnostic second = { 0 };

		code = embargo_store_set_aside(file);
		if (!code)
			code = open_once(file, database, &second);
		if (!code)
			embargo_diagnostic_remedy(diagnostic, "a new one is made");
	}
	*was_damaged = is_damaged && !code;
	if (code < 0)
		return embargo_diagnostic_what(diagnostic, code, "cannot open the index: %s",
					       strerror(-code));
	return embargo_store_errno(code);
}
