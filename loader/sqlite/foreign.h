/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite databases that somebody else made: read, and trusted with nothing. */
#ifndef EMBARGO_SQLITE_FOREIGN_H
#define EMBARGO_SQLITE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What SQLite itself may hold: its cache of pages, and what it sorts or joins. */
#define EMBARGO_FOREIGN_MEMORY (UINT64_C(256) << 20)
#define EMBARGO_FOREIGN_CACHE  (UINT64_C(32) << 20)

/* Bytes of a value, or of a row: a path is not longer. */
#define EMBARGO_FOREIGN_LENGTH (1 << 20)

#define EMBARGO_FOREIGN_WHY 256

struct embargo_foreign;
struct embargo_rows;

/*
 * Opens the database that the regular file @fd holds. It is read by pread(2) of that descriptor and
 * nothing else: no file is opened, made or locked, not even for what SQLite would keep aside. Its
 * views are followed, its triggers are not, and none of its functions are called. Errors: -EINVAL
 * it is no database, or damaged, or has changes in a log beside it; -ENOMEM, -EIO. @why gets a
 * sentence.
 */
int embargo_foreign_open(int fd, struct embargo_foreign **foreign, char why[EMBARGO_FOREIGN_WHY]);
void embargo_foreign_close(struct embargo_foreign *foreign);

/* Has the table or view @table the column @column? */
bool embargo_foreign_has(struct embargo_foreign *foreign, const char *table, const char *column);

/*
 * The rows that @sql asks for, for embargo_rows_next(): 1 a row is there, 0 all have been. Errors,
 * with a sentence in @why: -ENOMEM the bound is too small for it, -EINVAL the database is damaged
 * or does not fit, -EIO. The caller frees the rows before it closes the database.
 */
int embargo_foreign_ask(struct embargo_foreign *foreign, const char *sql,
			struct embargo_rows **rows, char why[EMBARGO_FOREIGN_WHY]);
int embargo_rows_next(struct embargo_rows *rows, char why[EMBARGO_FOREIGN_WHY]);
void embargo_rows_free(struct embargo_rows *rows);

/* A value of the row, counted from 0. The text is good until the next row, and NULL where there is
 * none or it has a NUL in it; a number is false where it is none. */
const char *embargo_rows_text(struct embargo_rows *rows, int column);
bool embargo_rows_number(struct embargo_rows *rows, int column, int64_t *number);

#endif
