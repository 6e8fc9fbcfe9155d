// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of classified files: finding, keeping and forgetting. */
#include "loader/index/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/index/store.h"

#define DAY    86400
#define SECOND 1000000000LL

/* ext4 with small inodes, and ext3, count whole seconds. */
#define SETTLED (2 * SECOND)

/* When one too many is there, so many are forgotten that it is not done again soon. */
#define FORGET_AT_ONCE (EMBARGO_INDEX_ROWS / 16)

enum statement {
	STATEMENT_FIND,
	STATEMENT_TOUCH,
	STATEMENT_UPDATE,
	STATEMENT_INSERT,
	STATEMENT_PRUNE,
	STATEMENT_FORGET,
	STATEMENT_ALL,
	STATEMENT_COUNT,
	STATEMENT_PAGES,
	STATEMENT_GROUND,
	STATEMENT_GROUNDS,
	STATEMENT_FORGET_ALL,
	STATEMENT_FORGET_GROUND,
	STATEMENT_SET_GROUND,
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENTS
};

#define KEY	"device = ?1 AND inode = ?2 AND generation = ?3 AND changed = ?4 AND size = ?5"
#define COLUMNS "device, inode, generation, changed, size, digest, kind, identities, seen"

static const char *const statements[] = {
	[STATEMENT_FIND] = "SELECT " COLUMNS " FROM file WHERE " KEY,
	[STATEMENT_TOUCH] = "UPDATE file SET seen = ?6 WHERE " KEY,
	[STATEMENT_UPDATE] = "UPDATE file SET generation = ?3, changed = ?4, size = ?5, "
			     "digest = ?6, kind = ?7, identities = ?8, seen = ?9 "
			     "WHERE device = ?1 AND inode = ?2",
	[STATEMENT_INSERT] =
		"INSERT INTO file (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[STATEMENT_PRUNE] = "DELETE FROM file WHERE seen < ?1",
	[STATEMENT_FORGET] = "DELETE FROM file WHERE (device, inode) IN "
			     "(SELECT device, inode FROM file ORDER BY seen LIMIT ?1)",
	[STATEMENT_ALL] = "SELECT " COLUMNS " FROM file",
	[STATEMENT_COUNT] = "SELECT count(*) FROM file",
	[STATEMENT_PAGES] = "PRAGMA page_count",
	[STATEMENT_GROUND] = "SELECT count(*) FROM ground WHERE number = ?1",
	[STATEMENT_GROUNDS] = "SELECT count(*) FROM ground",
	[STATEMENT_FORGET_ALL] = "DELETE FROM file",
	[STATEMENT_FORGET_GROUND] = "DELETE FROM ground",
	[STATEMENT_SET_GROUND] = "INSERT INTO ground (number) VALUES (?1)",
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_ROLLBACK] = "ROLLBACK",
};
_Static_assert(ARRAY_SIZE(statements) == STATEMENTS, "a statement without its text");

struct embargo_index {
	char *file;
	sqlite3 *database; /* NULL: set aside */
	sqlite3_stmt *prepared[STATEMENTS];
	unsigned int changes; /* since the transaction began */
	int64_t began;	      /* CLOCK_MONOTONIC, ns */
	uint64_t count;
	char *text; /* what find() gave */
	bool is_visited;
	uint64_t ground; /* the visitor's */
};

static int64_t now_on(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static void close_database(struct embargo_index *index)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(index->prepared[i]);
		index->prepared[i] = NULL;
	}
	sqlite3_close(index->database);
	index->database = NULL;
	index->count = 0;
}

/* -errno for @code. What says that the file is damaged, or its file system broken, ends its use. */
static int fail(struct embargo_index *index, int code)
{
	const int error = embargo_store_errno(code);
	const bool is_damaged = code && embargo_store_is_damage(code);

	if (is_damaged || error == -EIO || error == -EROFS)
		close_database(index);
	if (is_damaged)
		embargo_store_set_aside(index->file);
	return error;
}

static sqlite3_stmt *statement_of(struct embargo_index *index, enum statement which, int *code)
{
	if (!index->prepared[which])
		*code = sqlite3_prepare_v3(index->database, statements[which], -1,
					   SQLITE_PREPARE_PERSISTENT, &index->prepared[which],
					   NULL);
	return index->prepared[which];
}

/* Runs one that gives no row or a number, with up to one number bound. */
static int run(struct embargo_index *index, enum statement which, int64_t bound, int64_t *answer)
{
	int code = SQLITE_OK;
	sqlite3_stmt *statement = statement_of(index, which, &code);

	if (!statement)
		return code;
	if (sqlite3_bind_parameter_count(statement))
		sqlite3_bind_int64(statement, 1, bound);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW && answer)
		*answer = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int begin(struct embargo_index *index)
{
	int code;

	if (!sqlite3_get_autocommit(index->database))
		return SQLITE_OK;
	code = run(index, STATEMENT_BEGIN, 0, NULL);
	index->changes = 0;
	index->began = now_on(CLOCK_MONOTONIC);
	return code;
}

/* A transaction that cannot be committed now is given up: what is in it is found again. */
static int commit(struct embargo_index *index)
{
	int code = SQLITE_OK;

	if (!sqlite3_get_autocommit(index->database))
		code = run(index, STATEMENT_COMMIT, 0, NULL);
	if (code && !sqlite3_get_autocommit(index->database))
		run(index, STATEMENT_ROLLBACK, 0, NULL);
	index->changes = 0;
	return code;
}

static int count_rows(struct embargo_index *index)
{
	int64_t count = 0;
	const int code = run(index, STATEMENT_COUNT, 0, &count);

	if (!code)
		index->count = count;
	return code;
}

static int forget_oldest(struct embargo_index *index)
{
	int code = begin(index);

	if (!code)
		code = run(index, STATEMENT_FORGET, FORGET_AT_ONCE, NULL);
	return code ? code : count_rows(index);
}

/* After one more change. */
static int count_change(struct embargo_index *index)
{
	int code = SQLITE_OK;

	if (index->count > EMBARGO_INDEX_ROWS)
		code = forget_oldest(index);
	if (!code && (index->is_visited || ++index->changes >= EMBARGO_INDEX_BATCH ||
		      now_on(CLOCK_MONOTONIC) - index->began >= SECOND))
		code = commit(index);
	return code;
}

/* The change failed with @code. Full is the disk, or the file has reached its bound. */
static int undo(struct embargo_index *index, int code)
{
	int64_t pages = 0;

	if (!sqlite3_get_autocommit(index->database))
		run(index, STATEMENT_ROLLBACK, 0, NULL);
	index->changes = 0;
	if ((code & 0xff) == SQLITE_FULL && !run(index, STATEMENT_PAGES, 0, &pages) &&
	    pages >= EMBARGO_INDEX_SIZE / 4096 && !forget_oldest(index))
		commit(index);
	return fail(index, code);
}

static void bind_key(sqlite3_stmt *statement, const struct embargo_index_key *key)
{
	sqlite3_bind_int64(statement, 1, key->device);
	sqlite3_bind_int64(statement, 2, key->inode);
	sqlite3_bind_int64(statement, 3, key->generation);
	sqlite3_bind_int64(statement, 4, key->changed);
	sqlite3_bind_int64(statement, 5, key->size);
}

/* A row of COLUMNS, whose text is the statement's. */
static int read_row(sqlite3_stmt *row, struct embargo_index_key *key,
		    struct embargo_index_entry *entry)
{
	const void *digest = sqlite3_column_blob(row, 5);
	const int64_t kind = sqlite3_column_int64(row, 6);
	const char *text = (const char *)sqlite3_column_text(row, 7);
	const size_t size = sqlite3_column_bytes(row, 7);

	if (!digest || sqlite3_column_bytes(row, 5) != sizeof(entry->digest) || !text ||
	    size > EMBARGO_INDEX_TEXT || strlen(text) != size || kind < 0 ||
	    kind >= EMBARGO_KIND_COUNT)
		return SQLITE_CORRUPT;
	*key = (struct embargo_index_key) {
		.device = sqlite3_column_int64(row, 0),
		.inode = sqlite3_column_int64(row, 1),
		.generation = sqlite3_column_int64(row, 2),
		.changed = sqlite3_column_int64(row, 3),
		.size = sqlite3_column_int64(row, 4),
	};
	memcpy(&entry->digest, digest, sizeof(entry->digest));
	entry->kind = kind;
	entry->identities = text;
	entry->identities_size = size;
	return SQLITE_OK;
}

int embargo_index_open(const char *file, struct embargo_index **index, bool *was_damaged,
		       struct embargo_diagnostic *diagnostic)
{
	struct embargo_index *opened = calloc(1, sizeof(*opened));
	int error = -ENOMEM;

	if (!opened || !(opened->file = strdup(file))) {
		embargo_diagnostic_what(diagnostic, error, "out of memory");
		goto failed;
	}
	error = embargo_store_open(file, &opened->database, was_damaged, diagnostic);
	if (error)
		goto failed;
	error = fail(opened, count_rows(opened));
	if (error) {
		embargo_diagnostic_what(diagnostic, error, "the index cannot be read");
		goto failed;
	}
	*index = opened;
	return 0;

failed:
	embargo_index_close(opened);
	return error;
}

bool embargo_index_is_open(const struct embargo_index *index)
{
	return index && index->database;
}

void embargo_index_close(struct embargo_index *index)
{
	if (!index)
		return;
	if (index->database) {
		commit(index);
		close_database(index);
	}
	free(index->text);
	free(index->file);
	free(index);
}

static int touch(struct embargo_index *index, const struct embargo_index_key *key, int64_t day)
{
	int code = begin(index);
	sqlite3_stmt *statement = code ? NULL : statement_of(index, STATEMENT_TOUCH, &code);

	if (!statement)
		return code;
	bind_key(statement, key);
	sqlite3_bind_int64(statement, 6, day);
	code = sqlite3_step(statement);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? count_change(index) : code;
}

int embargo_index_find(struct embargo_index *index, const struct embargo_index_key *key,
		       struct embargo_index_entry *entry)
{
	const int64_t today = now_on(CLOCK_REALTIME) / SECOND / DAY;
	struct embargo_index_entry found;
	struct embargo_index_key at;
	sqlite3_stmt *statement;
	int64_t seen = today;
	char *text = NULL;
	int code = SQLITE_OK;

	if (!index || !index->database)
		return -ENOENT;
	statement = statement_of(index, STATEMENT_FIND, &code);
	if (statement) {
		bind_key(statement, key);
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW) {
			seen = sqlite3_column_int64(statement, 8);
			code = read_row(statement, &at, &found);
			text = code ? NULL : strdup(found.identities);
		}
		sqlite3_reset(statement);
	}
	if (!text) {
		if (code != SQLITE_DONE)
			fail(index, code);
		return -ENOENT;
	}
	free(index->text);
	found.identities = index->text = text;
	*entry = found;
	/* A clock that was set back makes it older again. */
	if (seen != today && (code = touch(index, key, today)))
		undo(index, code);
	return 0;
}

/* Within the transaction of what is to be kept: nobody gives the index another ground meanwhile. */
static bool is_stale(struct embargo_index *index)
{
	int64_t is_same = 0;

	return index->is_visited &&
	       (run(index, STATEMENT_GROUND, (int64_t)index->ground, &is_same) || !is_same);
}

int embargo_index_put(struct embargo_index *index, const struct embargo_index_key *key,
		      const struct embargo_index_entry *entry)
{
	const int64_t now = now_on(CLOCK_REALTIME);
	int code;

	if (!index || !index->database)
		return -EIO;
	if (entry->identities_size > EMBARGO_INDEX_TEXT)
		return -E2BIG;
	if (key->changed > now - SETTLED)
		return -EAGAIN;
	code = begin(index);
	if (!code && is_stale(index)) {
		commit(index);
		return -ESTALE;
	}
	for (enum statement which = STATEMENT_UPDATE; which <= STATEMENT_INSERT && !code; which++) {
		sqlite3_stmt *statement = statement_of(index, which, &code);

		if (!statement)
			break;
		bind_key(statement, key);
		sqlite3_bind_blob(statement, 6, &entry->digest, sizeof(entry->digest),
				  SQLITE_STATIC);
		sqlite3_bind_int64(statement, 7, entry->kind);
		sqlite3_bind_text(statement, 8, entry->identities, entry->identities_size,
				  SQLITE_STATIC);
		sqlite3_bind_int64(statement, 9, now / SECOND / DAY);
		code = sqlite3_step(statement);
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
		if (code == SQLITE_DONE)
			code = SQLITE_OK;
		if (!code && sqlite3_changes(index->database)) {
			index->count += which == STATEMENT_INSERT;
			break;
		}
	}
	if (!code)
		code = count_change(index);
	return code ? undo(index, code) : 0;
}

int embargo_index_flush(struct embargo_index *index)
{
	if (!index || !index->database)
		return 0;
	return fail(index, commit(index));
}

int embargo_index_ground(struct embargo_index *index, uint64_t ground)
{
	static const enum statement steps[] = { STATEMENT_FORGET_ALL, STATEMENT_FORGET_GROUND,
						STATEMENT_SET_GROUND };
	int64_t is_same = 0;
	int code;

	if (!index || !index->database)
		return 0;
	code = commit(index);
	if (!code)
		code = run(index, STATEMENT_GROUND, (int64_t)ground, &is_same);
	if (!code && is_same)
		return 0;
	if (!code)
		code = begin(index);
	for (size_t i = 0; i < ARRAY_SIZE(steps) && !code; i++)
		code = run(index, steps[i], (int64_t)ground, NULL);
	if (!code)
		code = commit(index);
	if (!code)
		code = count_rows(index);
	return code ? undo(index, code) : 0;
}

int embargo_index_visit(struct embargo_index *index, uint64_t ground)
{
	int64_t is_same = 0, grounds = 0;
	int code;

	if (!index || !index->database)
		return 0;
	index->is_visited = true;
	/* Who has it open goes before: a reader waits for nobody, and a change can be left out. */
	sqlite3_busy_timeout(index->database, 0);
	index->ground = ground;
	code = begin(index);
	if (!code)
		code = run(index, STATEMENT_GROUNDS, 0, &grounds);
	if (!code && !grounds)
		code = run(index, STATEMENT_SET_GROUND, (int64_t)ground, NULL);
	if (!code)
		code = run(index, STATEMENT_GROUND, (int64_t)ground, &is_same);
	if (!code)
		code = commit(index);
	if (code)
		return undo(index, code);
	return is_same ? 0 : -ESTALE;
}

int embargo_index_prune(struct embargo_index *index, int64_t since)
{
	int code;

	if (!index || !index->database)
		return 0;
	code = begin(index);
	if (!code)
		code = run(index, STATEMENT_PRUNE, since / DAY, NULL);
	if (!code)
		code = count_rows(index);
	if (!code)
		code = commit(index);
	return code ? undo(index, code) : 0;
}

int embargo_index_each(struct embargo_index *index,
		       int (*each)(void *context, const struct embargo_index_key *key,
				   const struct embargo_index_entry *entry),
		       void *context)
{
	struct embargo_index_entry entry;
	struct embargo_index_key key;
	sqlite3_stmt *statement;
	int code = SQLITE_OK, answer = 0;

	if (!index || !index->database)
		return 0;
	statement = statement_of(index, STATEMENT_ALL, &code);
	if (!statement)
		return fail(index, code);
	while (!answer && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		code = read_row(statement, &key, &entry);
		if (code)
			break;
		answer = each(context, &key, &entry);
	}
	sqlite3_reset(statement);
	if (answer)
		return answer;
	return code == SQLITE_DONE ? 0 : fail(index, code);
}

uint64_t embargo_index_count(const struct embargo_index *index)
{
	return index ? index->count : 0;
}
