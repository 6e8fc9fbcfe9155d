// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing NSRL's RDS version 3: the files that one manufacturer's packages have, and no other's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/arena.h"
#include "loader/base/cleanup.h"
#include "loader/import/digest_set.h"
#include "loader/import/import.h"
#include "loader/model/digest.h"
#include "loader/policy/policy.h"
#include "loader/sqlite/foreign.h"

/*
 *   FILE sha256 file_name file_size package_id        440 million rows in the "modern minimal" set
 *   PKG  package_id name version manufacturer_id      a package of several manufacturers has
 * several MFG  manufacturer_id name
 *
 * (nist.gov/itl/ssd/software-quality-group/nsrl, RDSv3; tables in the minimal sets, views over
 * others in the full one)
 *
 * FILE is gone through three times: for the digests of the chosen packages, for those of them that
 * any other package has, too, and for the names and sizes of what is left. So memory grows with
 * what one manufacturer has and not with the set, nothing has to be sorted, and no index has to be
 * there.
 */
#define MFG_MAX (1 << 20)
#define PKG_MAX (1 << 20) /* of those chosen */

/* Rows between two tellings of how far it is. */
#define TELL_ROWS (1 << 16)

struct maker {
	int64_t id;
	const char *name;
	uint64_t packages;
	bool is_chosen;
};

struct package {
	int64_t id;
	const struct maker *maker;
	const char *name, *version;
	bool is_shared; /* with a manufacturer who was not chosen */
};

struct nsrl {
	struct embargo_import *import;
	struct embargo_foreign *database;
	struct embargo_arena *arena;
	struct maker *makers;
	size_t maker_count, maker_room;
	struct package *packages; /* by id once all are there */
	size_t package_count, package_room;
	struct embargo_digest_set digests;
	uint64_t rows, shared, without, told;
};

static int refuse_memory(const struct nsrl *nsrl)
{
	return embargo_import_refuse(
		nsrl->import, -ENOMEM,
		"choose fewer manufacturers at once, or add the index that its "
		"views ask for",
		"takes more memory than is given to it");
}

static int refuse_why(const struct nsrl *nsrl, int error, const char *why)
{
	if (error == -ENOMEM)
		return refuse_memory(nsrl);
	return embargo_import_refuse(
		nsrl->import, error,
		"is it NSRL's RDS version 3, whole and unchanged? Fetch it anew", "%s", why);
}

/* Calls @take for each row that @sql asks for. */
static int each_row(struct nsrl *nsrl, const char *sql,
		    int (*take)(struct nsrl *nsrl, struct embargo_rows *rows))
{
	const struct embargo_import_taker *taker = nsrl->import->taker;
	char why[EMBARGO_FOREIGN_WHY];
	struct embargo_rows *rows;
	uint64_t count = 0;
	int error = embargo_foreign_ask(nsrl->database, sql, &rows, why), step;

	if (error)
		return refuse_why(nsrl, error, why);
	while (!error && (step = embargo_rows_next(rows, why)) != 0) {
		error = step < 0 ? refuse_why(nsrl, step, why) : take(nsrl, rows);
		if (!error && ++count % TELL_ROWS == 0)
			error = taker->progress(taker->context, nsrl->rows += TELL_ROWS, 0);
	}
	embargo_rows_free(rows);
	return error;
}

static int refuse_row(const struct nsrl *nsrl, const char *table, const char *what)
{
	return embargo_import_refuse(
		nsrl->import, -EINVAL,
		"is it NSRL's RDS version 3, whole and unchanged? Fetch it anew", "a row of %s %s",
		table, what);
}

/* Room for one more in an array of @size bytes each. */
static int make_room(const struct nsrl *nsrl, void *array, size_t count, size_t *room, size_t size,
		     size_t most)
{
	void **elements = array;
	size_t wanted = *room ? 2 * *room : 256;
	void *grown;

	if (count < *room)
		return 0;
	grown = count < most ? reallocarray(*elements, wanted, size) : NULL;
	if (!grown)
		return refuse_memory(nsrl);
	*elements = grown;
	*room = wanted;
	return 0;
}

static int take_maker(struct nsrl *nsrl, struct embargo_rows *rows)
{
	const char *name = embargo_rows_text(rows, 1);
	struct maker maker = { .name = NULL };
	int error;

	if (!name || !embargo_rows_number(rows, 0, &maker.id))
		return refuse_row(nsrl, "MFG", "without a name or a number");
	error = make_room(nsrl, &nsrl->makers, nsrl->maker_count, &nsrl->maker_room, sizeof(maker),
			  MFG_MAX);
	if (error)
		return error;
	maker.name = embargo_arena_copy(nsrl->arena, name, strlen(name));
	if (!maker.name)
		return refuse_memory(nsrl);
	maker.is_chosen = embargo_import_chooses(nsrl->import->choice, name);
	nsrl->makers[nsrl->maker_count++] = maker;
	return 0;
}

static int compare_ids(int64_t left, int64_t right)
{
	return left < right ? -1 : left > right;
}

static int by_maker(const void *left, const void *right)
{
	return compare_ids(((const struct maker *)left)->id, ((const struct maker *)right)->id);
}

static int by_package(const void *left, const void *right)
{
	return compare_ids(((const struct package *)left)->id, ((const struct package *)right)->id);
}

static struct maker *find_maker(const struct nsrl *nsrl, struct embargo_rows *rows, int column)
{
	struct maker wanted;

	if (!nsrl->maker_count || !embargo_rows_number(rows, column, &wanted.id))
		return NULL;
	return bsearch(&wanted, nsrl->makers, nsrl->maker_count, sizeof(wanted), by_maker);
}

static struct package *find_package(const struct nsrl *nsrl, struct embargo_rows *rows)
{
	struct package wanted;

	if (!nsrl->package_count || !embargo_rows_number(rows, 0, &wanted.id))
		return NULL;
	return bsearch(&wanted, nsrl->packages, nsrl->package_count, sizeof(wanted), by_package);
}

static const char *copy_text(const struct nsrl *nsrl, struct embargo_rows *rows, int column)
{
	const char *text = embargo_rows_text(rows, column);

	return embargo_arena_copy(nsrl->arena, text ? text : "", text ? strlen(text) : 0);
}

/* A chosen manufacturer's package; of several rows the first is kept. */
static int take_package(struct nsrl *nsrl, struct embargo_rows *rows)
{
	const struct maker *maker = find_maker(nsrl, rows, 1);
	struct package package = { .maker = maker };
	int error;

	if (!embargo_rows_number(rows, 0, &package.id))
		return refuse_row(nsrl, "PKG", "without a number");
	if (!maker || !maker->is_chosen)
		return 0;
	error = make_room(nsrl, &nsrl->packages, nsrl->package_count, &nsrl->package_room,
			  sizeof(package), PKG_MAX);
	if (error)
		return error;
	package.name = copy_text(nsrl, rows, 2);
	package.version = copy_text(nsrl, rows, 3);
	if (!package.name || !package.version)
		return refuse_memory(nsrl);
	nsrl->packages[nsrl->package_count++] = package;
	return 0;
}

/* Each package once, by number. */
static void sort_packages(struct nsrl *nsrl)
{
	size_t used = 0;

	if (!nsrl->package_count)
		return;
	qsort(nsrl->packages, nsrl->package_count, sizeof(*nsrl->packages), by_package);
	for (size_t i = 1; i < nsrl->package_count; i++)
		if (nsrl->packages[i].id != nsrl->packages[used].id)
			nsrl->packages[++used] = nsrl->packages[i];
	nsrl->package_count = used + 1;
}

/* A package that is also another manufacturer's is not the chosen one's alone. */
static int find_shared(struct nsrl *nsrl, struct embargo_rows *rows)
{
	struct package *package = find_package(nsrl, rows);
	const struct maker *maker = package ? find_maker(nsrl, rows, 1) : NULL;

	if (package && (!maker || !maker->is_chosen))
		package->is_shared = true;
	return 0;
}

static int count_packages(struct nsrl *nsrl, struct embargo_rows *rows)
{
	struct maker *maker = find_maker(nsrl, rows, 0);

	if (maker)
		maker->packages++;
	return 0;
}

/* The digest of a row of a chosen package; *@is_there: it has one. */
static int take_digest(struct nsrl *nsrl, struct embargo_rows *rows, struct embargo_digest *digest,
		       bool *is_there)
{
	const char *hex = embargo_rows_text(rows, 1);

	*is_there = hex && hex[0];
	if (!*is_there)
		return 0;
	if (strlen(hex) == EMBARGO_DIGEST_HEX && !embargo_digest_parse(hex, strlen(hex), digest))
		return 0;
	return embargo_import_refuse(nsrl->import, -EINVAL, "fetch it anew",
				     "FILE has the sha256 '%.80s', which is none", hex);
}

static int take_candidate(struct nsrl *nsrl, struct embargo_rows *rows)
{
	const struct package *package = find_package(nsrl, rows);
	struct embargo_digest digest;
	bool is_there;
	int error = package ? take_digest(nsrl, rows, &digest, &is_there) : 0;

	if (!package || error)
		return error;
	nsrl->without += !is_there;
	if (!is_there || embargo_digest_is_of_nothing(&digest))
		return 0;
	if (nsrl->digests.count == EMBARGO_POLICY_DIGESTS)
		return embargo_import_refuse(nsrl->import, -E2BIG, "choose fewer manufacturers",
					     "more than %d digests, the most that can be enforced",
					     EMBARGO_POLICY_DIGESTS);
	return embargo_digest_set_add(&nsrl->digests, &digest) ? refuse_memory(nsrl) : 0;
}

static int drop_shared(struct nsrl *nsrl, struct embargo_rows *rows)
{
	const struct package *package = find_package(nsrl, rows);
	const char *hex = embargo_rows_text(rows, 1);
	struct embargo_digest digest;
	uint8_t *mark;

	if ((package && !package->is_shared) || !hex ||
	    embargo_digest_parse(hex, strlen(hex), &digest))
		return 0;
	mark = embargo_digest_set_find(&nsrl->digests, &digest);
	if (mark && *mark == EMBARGO_MARK_IN) {
		*mark = EMBARGO_MARK_SHARED;
		nsrl->shared++;
	}
	return 0;
}

static int hand_on(struct nsrl *nsrl, struct embargo_rows *rows)
{
	const struct embargo_import_taker *taker = nsrl->import->taker;
	const struct package *package = find_package(nsrl, rows);
	const char *name = embargo_rows_text(rows, 2);
	char provenance[EMBARGO_IMPORT_TEXT];
	struct embargo_import_entry entry = { .name = name ? name : "", .provenance = provenance };
	int64_t size;
	bool is_there;
	uint8_t *mark;
	int error = package ? take_digest(nsrl, rows, &entry.digest, &is_there) : 0;

	if (!package || error || !is_there)
		return error;
	mark = embargo_digest_set_find(&nsrl->digests, &entry.digest);
	if (!mark || *mark != EMBARGO_MARK_IN)
		return 0;
	*mark = EMBARGO_MARK_TOLD;
	nsrl->told++;
	entry.sized = embargo_rows_number(rows, 3, &size) && size > 0;
	entry.size = entry.sized ? (uint64_t)size : 0;
	entry.supplier = package->maker->name;
	snprintf(provenance, sizeof(provenance),
		 "NSRL package %" PRId64 ", %.1500s %.500s, manufacturer %.1500s", package->id,
		 package->name, package->version, package->maker->name);
	return taker->entry(taker->context, &entry);
}

static int read_makers(struct nsrl *nsrl)
{
	int error = each_row(nsrl, "SELECT manufacturer_id, name FROM MFG", take_maker);

	if (!error && nsrl->maker_count)
		qsort(nsrl->makers, nsrl->maker_count, sizeof(*nsrl->makers), by_maker);
	return error;
}

static int tell_makers(struct nsrl *nsrl)
{
	const struct embargo_import_taker *taker = nsrl->import->taker;
	int error = each_row(nsrl, "SELECT manufacturer_id FROM PKG", count_packages);

	for (size_t i = 0; i < nsrl->maker_count && !error; i++)
		if (nsrl->makers[i].packages)
			error = taker->supplier(taker->context, nsrl->makers[i].name,
						nsrl->makers[i].packages);
	return error;
}

static int tell_left_out(const struct nsrl *nsrl)
{
	int error = 0;

	if (nsrl->shared)
		error = embargo_import_note(nsrl->import,
					    "left out are %" PRIu64 " files that packages of other "
					    "manufacturers have, too",
					    nsrl->shared);
	if (!error && nsrl->without)
		error = embargo_import_note(nsrl->import,
					    "left out are %" PRIu64 " files without a sha256",
					    nsrl->without);
	return error;
}

static int take_files(struct nsrl *nsrl)
{
	int error = each_row(nsrl, "SELECT package_id, manufacturer_id, name, version FROM PKG",
			     take_package);

	if (error)
		return error;
	sort_packages(nsrl);
	if (!nsrl->package_count)
		return 0;
	error = each_row(nsrl, "SELECT package_id, manufacturer_id FROM PKG", find_shared);
	if (!error)
		error = each_row(nsrl, "SELECT package_id, sha256 FROM FILE", take_candidate);
	if (!error)
		error = each_row(nsrl, "SELECT package_id, sha256 FROM FILE", drop_shared);
	if (!error)
		error = each_row(nsrl, "SELECT package_id, sha256, file_name, file_size FROM FILE",
				 hand_on);
	return error ? error : tell_left_out(nsrl);
}

static int check_tables(const struct nsrl *nsrl)
{
	static const struct {
		const char *table, *column;
	} needed[] = {
		{ "MFG", "manufacturer_id" }, { "MFG", "name" },    { "PKG", "package_id" },
		{ "PKG", "manufacturer_id" }, { "PKG", "name" },    { "PKG", "version" },
		{ "FILE", "package_id" },     { "FILE", "sha256" }, { "FILE", "file_name" },
		{ "FILE", "file_size" },
	};
	char missing[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(needed) && used < sizeof(missing); i++)
		if (!embargo_foreign_has(nsrl->database, needed[i].table, needed[i].column))
			used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s%s.%s",
						 used ? ", " : "", needed[i].table,
						 needed[i].column);
	if (!used)
		return 0;
	return embargo_import_refuse(nsrl->import, -EINVAL,
				     "is it NSRL's RDS version 3? Version 2 has no SHA-256",
				     "has no %s", missing);
}

static int read_database(struct nsrl *nsrl)
{
	int error = check_tables(nsrl);

	if (!error)
		error = read_makers(nsrl);
	if (error)
		return error;
	return nsrl->import->choice->vendor_count ? take_files(nsrl) : tell_makers(nsrl);
}

bool embargo_import_is_nsrl(const struct embargo_import_head *head)
{
	static const char magic[] = "SQLite format 3"; /* with its NUL */

	return head->size >= sizeof(magic) && !memcmp(head->bytes, magic, sizeof(magic));
}

int embargo_import_nsrl(struct embargo_import *import)
{
	struct nsrl nsrl = { .import = import, .arena = embargo_arena_new() };
	char why[EMBARGO_FOREIGN_WHY];
	int error = embargo_foreign_open(import->fd, &nsrl.database, why);

	if (!nsrl.arena)
		error = refuse_memory(&nsrl);
	else if (error)
		error = refuse_why(&nsrl, error, why);
	else
		error = read_database(&nsrl);
	embargo_foreign_close(nsrl.database);
	embargo_digest_set_free(&nsrl.digests);
	embargo_arena_free(nsrl.arena);
	free(nsrl.makers);
	free(nsrl.packages);
	return error;
}
