// SPDX-License-Identifier: GPL-2.0-or-later
/* dpkg's files: what is installed, whose files are which, and which were diverted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/packages/database.h"
#include "loader/text/stanza.h"

#define STATUS	   "/var/lib/dpkg/status"
#define INFO	   "/var/lib/dpkg/info"
#define DIVERSIONS "/var/lib/dpkg/diversions"

/* A desktop's status has 5 MiB, the longest list (of linux-headers) 3. */
#define FILE_MAX (64u << 20)

/* All that is said of a package is a text of the status file, which is cut into pieces. */
struct package {
	char *name, *architecture, *version, *maintainer;
	bool is_gone; /* only its settings are left */
};

/* Where @package is another one, its file @from was put to @to. */
struct diversion {
	char *from, *to, *package;
};

struct dpkg {
	char *status, *diverted;
	struct package *packages;
	size_t package_count;
	struct diversion *diversions;
	size_t diversion_count;
};

static void free_dpkg(struct dpkg *dpkg)
{
	free(dpkg->status);
	free(dpkg->diverted);
	free(dpkg->packages);
	free(dpkg->diversions);
}

/* Ends @span where it ends: behind it is a line break, a blank, or the NUL of the whole. */
static char *cut(struct embargo_span span)
{
	char *text = (char *)span.text;

	text[span.length] = '\0';
	return text;
}

/* "install ok installed": the last word is what there is. */
static bool is_gone(const char *status)
{
	const char *word = strrchr(status, ' ');

	word = word ? word + 1 : status;
	return !strcmp(word, "not-installed") || !strcmp(word, "config-files");
}

/* Takes one stanza. A field's text ends where its line does: cutting it leaves the next line whole.
 */
static void read_package(struct embargo_span *text, struct package *package)
{
	struct embargo_field field;

	while (embargo_stanza_next(text, &field)) {
		if (embargo_field_is(&field, "Package"))
			package->name = cut(field.value);
		else if (embargo_field_is(&field, "Architecture"))
			package->architecture = cut(field.value);
		else if (embargo_field_is(&field, "Version"))
			package->version = cut(field.value);
		else if (embargo_field_is(&field, "Maintainer"))
			package->maintainer = cut(field.value);
		else if (embargo_field_is(&field, "Status"))
			package->is_gone = is_gone(cut(field.value));
	}
}

static int compare_packages(const void *left, const void *right)
{
	return strcmp(((const struct package *)left)->name, ((const struct package *)right)->name);
}

static int read_status(struct dpkg *dpkg, size_t size)
{
	struct embargo_span text = { dpkg->status, size };
	size_t room = 0;

	while (text.length) {
		struct package package = {};

		read_package(&text, &package);
		if (!package.name)
			continue;
		if (dpkg->package_count == room) {
			struct package *larger;

			room = room ? 2 * room : 1024;
			larger = realloc(dpkg->packages, room * sizeof(package));
			if (!larger)
				return -ENOMEM;
			dpkg->packages = larger;
		}
		dpkg->packages[dpkg->package_count++] = package;
	}
	if (dpkg->package_count)
		qsort(dpkg->packages, dpkg->package_count, sizeof(*dpkg->packages),
		      compare_packages);
	return 0;
}

/* The next line, which gets a NUL; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	*text = end ? end + 1 : NULL;
	return line;
}

/*
 * Three lines each: the path, where it is put, and the package that keeps the path (":" where an
 * administrator diverted it).
 */
static int read_diversions(struct dpkg *dpkg)
{
	char *text = dpkg->diverted;
	struct diversion diversion;
	size_t room = 0;

	while ((diversion.from = next_line(&text)) && (diversion.to = next_line(&text)) &&
	       (diversion.package = next_line(&text))) {
		if (dpkg->diversion_count == room) {
			struct diversion *larger;

			room = room ? 2 * room : 64;
			larger = realloc(dpkg->diversions, room * sizeof(diversion));
			if (!larger)
				return -ENOMEM;
			dpkg->diversions = larger;
		}
		dpkg->diversions[dpkg->diversion_count++] = diversion;
	}
	return 0;
}

static const char *divert(const struct dpkg *dpkg, const char *path, const char *package)
{
	for (size_t i = 0; i < dpkg->diversion_count; i++)
		if (!strcmp(dpkg->diversions[i].from, path) &&
		    strcmp(dpkg->diversions[i].package, package))
			return dpkg->diversions[i].to;
	return path;
}

/* Of the same name, the one of the same architecture, where the list says which. */
static const struct package *find_package(const struct dpkg *dpkg, char *name,
					  const char *architecture)
{
	const struct package key = { .name = name };
	const struct package *found, *end;

	if (!dpkg->package_count)
		return NULL;
	end = dpkg->packages + dpkg->package_count;
	found = bsearch(&key, dpkg->packages, dpkg->package_count, sizeof(key), compare_packages);
	if (!found || !architecture)
		return found;
	while (found > dpkg->packages && !strcmp(found[-1].name, name))
		found--;
	for (; found < end && !strcmp(found->name, name); found++)
		if (found->architecture && !strcmp(found->architecture, architecture))
			return found;
	return NULL;
}

static bool has_name(const char *path, const char *wanted)
{
	const char *left = strrchr(path, '/'), *right = strrchr(wanted, '/');

	return left && right && !strcmp(left, right);
}

/* Reads NAME.list or NAME:ARCHITECTURE.list; @name is taken apart. */
static int read_list(struct embargo_package_walk *walk, const struct dpkg *dpkg, char *name)
{
	_cleanup_free_
	char *list = NULL;
	char path[PATH_MAX], *text, *line, *architecture;
	struct embargo_package_file file;
	const struct package *package;
	size_t size;
	int error;

	snprintf(path, sizeof(path), INFO "/%s", name);
	name[strlen(name) - strlen(".list")] = '\0';
	architecture = strchr(name, ':');
	if (architecture)
		*architecture++ = '\0';
	package = find_package(dpkg, name, architecture);
	if (package && package->is_gone)
		return 0;
	/* In the midst of an installation a package may not stand in the status yet. */
	file = (struct embargo_package_file) {
		.name = name,
		.version = package ? package->version : NULL,
		.maintainer = package ? package->maintainer : NULL,
	};
	error = embargo_package_walk_screen(walk, &file);
	if (error <= 0)
		return error;
	error = embargo_rooted_read(&walk->rooted, path, FILE_MAX, &list, &size);
	/* Taken away in this moment. */
	if (error == -ENOENT)
		return 0;
	if (error) {
		embargo_diagnostic_at(walk->diagnostic, path, 0, 0);
		return embargo_diagnostic_what(walk->diagnostic, error, "%s", strerror(-error));
	}
	for (text = list; !error && (line = next_line(&text));) {
		file.path = divert(dpkg, line, name);
		if (!walk->only || has_name(file.path, walk->only))
			error = embargo_package_walk_visit(walk, &file);
	}
	return error;
}

static int read_lists(struct embargo_package_walk *walk, const struct dpkg *dpkg)
{
	_cleanup_closedir_ DIR *info = embargo_rooted_folder(&walk->rooted, INFO);
	struct dirent *entry;
	int error = 0;

	while (!error && info && (entry = readdir(info))) {
		size_t length = strlen(entry->d_name);

		if (length > strlen(".list") &&
		    !strcmp(entry->d_name + length - strlen(".list"), ".list"))
			error = read_list(walk, dpkg, entry->d_name);
	}
	return error;
}

int embargo_dpkg_walk(struct embargo_package_walk *walk)
{
	_cleanup_(free_dpkg) struct dpkg dpkg = {};
	size_t size;
	int error = embargo_rooted_read(&walk->rooted, STATUS, FILE_MAX, &dpkg.status, &size);

	if (error == -ENOENT || error == -ENOTDIR)
		return 0;
	if (!error)
		error = read_status(&dpkg, size);
	if (!error) {
		error = embargo_rooted_read(&walk->rooted, DIVERSIONS, FILE_MAX, &dpkg.diverted,
					    &size);
		error = error == -ENOENT ? 0 : error ? error : read_diversions(&dpkg);
	}
	if (error) {
		embargo_diagnostic_at(walk->diagnostic, STATUS, 0, 0);
		return embargo_diagnostic_what(walk->diagnostic, error, "%s", strerror(-error));
	}
	return read_lists(walk, &dpkg);
}
