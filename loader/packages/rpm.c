// SPDX-License-Identifier: GPL-2.0-or-later
/* The RPM database, by a program of its own: librpm brings more into a process than this one wants.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "loader/packages/database.h"
#include "loader/rpm/list.h"

#ifndef EMBARGO_PREFIX
#define EMBARGO_PREFIX "/usr"
#endif

/* Where a database is, and its file in each of its forms. */
static const char *const databases[] = {
	"/usr/lib/sysimage/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/Packages.db",
	"/usr/lib/sysimage/rpm/Packages",     "/var/lib/rpm/rpmdb.sqlite",
	"/var/lib/rpm/Packages.db",	      "/var/lib/rpm/Packages",
};

/* No settings of whoever calls: ~/.rpmmacros may name another database, or run programs. */
static const char *const environment[] = { "HOME=/nonexistent", "LC_ALL=C", "PATH=/usr/bin:/bin",
					   NULL };

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

/* Beside this program where it was built, and in its folder of helpers where it was installed. */
static void find_program(char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
		if (slash && slash + 1 + sizeof(EMBARGO_RPM_LIST) <= path + PATH_MAX) {
			strcpy(slash + 1, EMBARGO_RPM_LIST);
			if (!access(path, X_OK))
				return;
		}
	}
	snprintf(path, PATH_MAX, "%s/libexec/embargo/%s", EMBARGO_PREFIX, EMBARGO_RPM_LIST);
}

/* Runs the program; @output gives what it prints. */
static int start(const char *program, const char *database, const char *only, pid_t *child,
		 int *output)
{
	char *const arguments[] = { (char *)program, (char *)database, (char *)only, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
		if (!error)
			error = posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		if (!error)
			error = posix_spawn(child, program, &actions, NULL, arguments,
					    (char *const *)environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		*output = ends[0];
	return -error;
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

/* Zero where the program ended well. */
static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static int list(struct embargo_package_walk *walk, const char *program, const char *database)
{
	const char *only = walk->only;
	_cleanup_fclose_ FILE *from = NULL;
	pid_t child = -1;
	int output = -1, error, end;

	/* By its path the database finds it at once, but only where the path leads to it here. */
	if (only && walk->rooted.root_path[0])
		only = strrchr(only, '/') + 1;
	error = start(program, database, only, &child, &output);
	if (error)
		return error;
	from = fdopen(output, "r");
	error = from ? read_records(walk, from) : -errno;
	if (!from)
		close(output);
	/* Who does not want the rest closes the pipe, of which the program ends. */
	if (from)
		fclose(TAKE_PTR(from));
	end = wait_for(child);
	return error ? error : end;
}

int embargo_rpm_walk(struct embargo_package_walk *walk)
{
	char database[PATH_MAX], program[PATH_MAX];
	int error;

	if (!find_database(&walk->rooted, database))
		return 0;
	find_program(program);
	if (access(program, X_OK)) {
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
