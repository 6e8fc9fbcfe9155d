// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the host's foundations in /proc. */
#include "loader/host/foundation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

struct visit {
	int (*each)(void *context, const char *file, const char *path, const char *role);
	void *context;
};

/* The program behind /proc/N/exe. */
static int visit_program(const struct visit *visit, const char *link, const char *role)
{
	char path[PATH_MAX];
	ssize_t length = readlink(link, path, sizeof(path) - 1);

	if (length < 0)
		return -EACCES;
	path[length] = '\0';
	return visit->each(visit->context, link, path, role);
}

/* The path at the end of a line of /proc/N/maps, or NULL where it maps no file. */
static char *path_of_mapping(char *line)
{
	char *path = strchr(line, '/');

	if (path)
		path[strcspn(path, "\n")] = '\0';
	return path;
}

/* A library has several mappings, one after another. */
static int visit_mappings(const struct visit *visit, FILE *maps, const char *role)
{
	_cleanup_free_
	char *line = NULL, *last = NULL;
	size_t size = 0;
	int error = 0;

	while (!error && getline(&line, &size, maps) > 0) {
		const char *path = path_of_mapping(line);

		if (!path || (last && !strcmp(path, last)))
			continue;
		free(last);
		last = strdup(path);
		if (!last)
			return -ENOMEM;
		error = visit->each(visit->context, path, path, role);
		/* Replaced while it runs: nothing to be read there. */
		if (error == -EACCES)
			error = 0;
	}
	return error;
}

static int visit_process(const struct visit *visit, const char *file, const char *role)
{
	_cleanup_fclose_ FILE *maps = fopen(file, "re");

	if (!maps)
		return errno == EACCES || errno == EPERM ? 0 : -errno;
	return visit_mappings(visit, maps, role);
}

int embargo_foundation_each(int (*each)(void *context, const char *file, const char *path,
					const char *role),
			    void *context, bool *unseen)
{
	const struct visit visit = { each, context };
	int error = visit_program(&visit, "/proc/1/exe", "the program of PID 1");
	bool is_unseen = error == -EACCES;

	if (!error || is_unseen)
		error = visit_program(&visit, "/proc/self/exe", "embargo's own program");
	if (!error || error == -EACCES)
		error = visit_process(&visit, "/proc/self/maps", "which embargo itself runs on");
	/* Who may not see PID 1's mappings has seen its program, or has said that it did not. */
	if (!error && !access("/proc/1/maps", R_OK))
		error = visit_process(&visit, "/proc/1/maps", "which PID 1 runs on");
	if (error)
		return error;
	*unseen = is_unseen;
	return 0;
}
