// SPDX-License-Identifier: GPL-2.0-or-later
/* The RPM database, by a program of its own: librpm brings more into a process than this one wants.
 */
#include <errno.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/helper.h"
#include "loader/packages/database.h"
#include "loader/rpm/list.h"

/* Where a database is, and its file in each of its forms. */
static const char *const databases[] = {
	"/usr/lib/sysimage/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/Packages.db",
	"/usr/lib/sysimage/rpm/Packages",     "/var/lib/rpm/rpmdb.sqlite",
	"/var/lib/rpm/Packages.db",	      "/var/lib/rpm/Packages",
};

/* The database's folder below the root, whose links are followed; NULL where there is none. */
static const char *find_database(struct embargo_rooted *rooted, char path[PATH_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(databases); i++) {
		char found[PATH_MAX];

		if (embargo_rooted_resolve(rooted, databases[i], found) ||
		    snprintf(path, PATH_MAX, "%s%s", rooted->root_path, found) >= PATH_MAX)
			continue;
		*strrchr(path, '/') = '\0';
		return path;
	}
	return NULL;
}

/* One record: its texts, each with a NUL. False at the end, and where one is cut off. */
static bool read_record(FILE *from, char *texts[EMBARGO_RPM_LIST_FIELDS],
			size_t rooms[EMBARGO_RPM_LIST_FIELDS])
{
	for (size_t i = 0; i < EMBARGO_RPM_LIST_FIELDS; i++) {
		ssize_t length = getdelim(&texts[i], &rooms[i], '\0', from);

		if (length <= 0 || texts[i][length - 1])
			return false;
	}
	return true;
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static int read_records(struct embargo_package_walk *walk, FILE *from)
{
	char *texts[EMBARGO_RPM_LIST_FIELDS] = {};
	size_t rooms[EMBARGO_RPM_LIST_FIELDS] = {};
	int error = 0;

	while (!error && read_record(from, texts, rooms)) {
		struct embargo_package_file file = {
			.name = texts[EMBARGO_RPM_LIST_NAME],
			.version = or_null(texts[EMBARGO_RPM_LIST_VERSION]),
			.vendor = or_null(texts[EMBARGO_RPM_LIST_VENDOR]),
			.key_id = or_null(texts[EMBARGO_RPM_LIST_KEY_ID]),
		};

		error = embargo_package_walk_screen(walk, &file);
		file.path = texts[EMBARGO_RPM_LIST_PATH];
		if (error > 0)
			error = embargo_package_walk_visit(walk, &file);
	}
	for (size_t i = 0; i < EMBARGO_RPM_LIST_FIELDS; i++)
		free(texts[i]);
	return error;
}

static int list(struct embargo_package_walk *walk, const char *program, const char *database)
{
	const char *only = walk->only;
	_cleanup_fclose_ FILE *from = NULL;
	struct embargo_helper helper;
	int error, end;

	/* By its path the database finds it at once, but only where the path leads to it here. */
	if (only && walk->rooted.root_path[0])
		only = strrchr(only, '/') + 1;
	error = embargo_helper_start(
		program, (const char *const[]) { program, database, only, NULL }, -1, &helper);
	if (error)
		return error;
	from = fdopen(helper.output, "r");
	error = from ? read_records(walk, from) : -errno;
	if (!from)
		close(helper.output);
	/* Who does not want the rest closes the pipe, of which the program ends. */
	if (from)
		fclose(TAKE_PTR(from));
	end = embargo_helper_wait(&helper);
	return error ? error : end;
}

int embargo_rpm_walk(struct embargo_package_walk *walk)
{
	char database[PATH_MAX], program[PATH_MAX];
	int error;

	if (!find_database(&walk->rooted, database))
		return 0;
	if (embargo_helper_find(EMBARGO_RPM_LIST, program)) {
		embargo_diagnostic_at(walk->diagnostic, database, 0, 0);
		embargo_diagnostic_what(walk->diagnostic, -ENOPKG,
					"the RPM database was not read: there is no %s", program);
		embargo_diagnostic_remedy(walk->diagnostic, "build embargo where librpm is");
		return -ENOPKG;
	}
	error = list(walk, program, database);
	if (error == -EIO) {
		embargo_diagnostic_at(walk->diagnostic, database, 0, 0);
		embargo_diagnostic_what(walk->diagnostic, error,
					"the RPM database cannot be read whole");
	}
	return error;
}
