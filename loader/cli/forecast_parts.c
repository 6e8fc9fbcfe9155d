// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast: who runs the files that stop, which services start them, and whose they are. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/cli/forecast.h"
#include "loader/packages/packages.h"
#include "loader/sweep/modules.h"
#include "loader/units/units.h"
#include "loader/verdict/process.h"

/* A file that processes execute and that goes on: not to be looked into twice. */
struct fine {
	dev_t device;
	ino_t inode;
};

struct processes {
	struct embargo_forecast *forecast;
	const char *pid;
	struct fine *fine;
	size_t count, room;
	size_t unreadable;
};

static bool is_fine(const struct processes *processes, const struct stat *status)
{
	for (size_t i = 0; i < processes->count; i++)
		if (processes->fine[i].inode == status->st_ino &&
		    processes->fine[i].device == status->st_dev)
			return true;
	return false;
}

static void read_name(const char *pid, char name[static 64])
{
	char path[64];
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%.10s/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, 64, file))
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

static int add_process(const struct processes *processes, struct embargo_forecast_file *file,
		       bool is_program)
{
	struct embargo_forecast *forecast = processes->forecast;
	struct embargo_forecast_process *process =
		embargo_arena_take(forecast->arena, 1, sizeof(*process));
	char unit[EMBARGO_FORECAST_UNIT], name[64];

	if (!process)
		return -ENOMEM;
	read_name(processes->pid, name);
	process->pid = atoi(processes->pid);
	process->name = embargo_forecast_text(forecast, name);
	embargo_unit_of(process->pid, unit, sizeof(unit));
	process->unit = unit[0] ? embargo_forecast_text(forecast, unit) : NULL;
	process->is_mapped = !is_program;
	process->next = file->processes;
	file->processes = process;
	return process->name ? 0 : -ENOMEM;
}

static int visit_file(void *context, const char *path, const char *name, bool is_program)
{
	struct processes *processes = context;
	struct embargo_forecast *forecast = processes->forecast;
	struct embargo_forecast_file *file;
	_cleanup_close_ int fd = -1;
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode) || is_fine(processes, &status))
		return 0;
	file = embargo_forecast_find(forecast, status.st_dev, status.st_ino);
	if (!file) {
		int error = embargo_file_open(path, &fd, NULL);

		/* Who has ended meanwhile executes nothing. */
		processes->unreadable += error == -EACCES || error == -EPERM;
		if (error)
			return 0;
		embargo_forecast_look(forecast, fd, path, name,
				      is_program ? EMBARGO_OPERATION_EXEC : EMBARGO_OPERATION_MAP,
				      &file);
	}
	if (file)
		return add_process(processes, file, is_program);
	if (embargo_array_grow((void **)&processes->fine, processes->count, &processes->room,
			       sizeof(*processes->fine)))
		return -ENOMEM;
	processes->fine[processes->count++] = (struct fine) { status.st_dev, status.st_ino };
	return 0;
}

int embargo_forecast_processes(struct embargo_forecast *forecast)
{
	struct processes processes = { .forecast = forecast };
	_cleanup_closedir_ DIR *folder = opendir("/proc");
	struct dirent *entry;
	int error = 0;

	if (!folder)
		return -errno;
	embargo_progress_start(&forecast->progress, "looking at processes", 0);
	while (!error && (entry = readdir(folder))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		processes.pid = entry->d_name;
		error = embargo_process_files(entry->d_name, visit_file, &processes);
		if (error == -EACCES || error == -EPERM)
			processes.unreadable++;
		if (error != -ENOMEM)
			error = 0;
		embargo_progress_step(&forecast->progress);
	}
	embargo_progress_clear(&forecast->progress);
	free(processes.fine);
	if (processes.unreadable)
		embargo_forecast_miss(forecast,
				      "%zu processes, or files of theirs, may not be looked into "
				      "by this user",
				      processes.unreadable);
	return error;
}

static int visit_module(void *context, const char *name)
{
	void *const *both = context;
	struct embargo_forecast *forecast = both[0];
	const char *path = embargo_modules_file(both[1], name);
	struct embargo_forecast_file *file;
	struct stat status;

	if (!path || stat(path, &status))
		return 0;
	file = embargo_forecast_find(forecast, status.st_dev, status.st_ino);
	if (file)
		file->module = embargo_forecast_text(forecast, name);
	return 0;
}

int embargo_forecast_modules(struct embargo_forecast *forecast)
{
	struct embargo_modules *modules = NULL;
	void *both[2] = { forecast };

	/* A kernel without modules has none to stop. */
	if (!forecast->files.count || embargo_modules_open("", &modules))
		return 0;
	both[1] = modules;
	embargo_modules_each(modules, visit_module, both);
	embargo_modules_close(modules);
	return 0;
}

/* The kernel follows an interpreter that is a script itself so often (BINPRM_MAX_RECURSION). */
#define INTERPRETERS 5

/* What stops @path from being executed: it, an interpreter, or what one of them needs. */
static void find_stop(const struct embargo_forecast *forecast, const char *path,
		      struct embargo_forecast_unit *stop)
{
	char program[PATH_MAX], interpreter[PATH_MAX];

	snprintf(program, sizeof(program), "%s", path);
	for (int i = 0; i < INTERPRETERS && program[0] == '/'; i++) {
		const struct embargo_forecast_object *object;
		const struct embargo_forecast_file *file;
		struct stat status;

		if (stat(program, &status))
			return;
		file = embargo_forecast_find(forecast, status.st_dev, status.st_ino);
		if (file && file->at < stop->at)
			*stop = (struct embargo_forecast_unit) { .at = file->at,
								 .program = file->path };
		object = embargo_forecast_object_find(forecast, status.st_dev, status.st_ino);
		if (object && object->need && object->need->at < stop->at)
			*stop = (struct embargo_forecast_unit) { .at = object->need->at,
								 .program = object->path,
								 .need = object->need };
		embargo_forecast_interpreter(program, interpreter);
		memcpy(program, interpreter, sizeof(program));
	}
}

static const struct embargo_forecast_file *find_process(const struct embargo_forecast *forecast,
							pid_t pid)
{
	for (size_t i = 0; pid > 0 && i < forecast->files.count; i++)
		for (const struct embargo_forecast_process *process =
			     forecast->files.array[i]->processes;
		     process; process = process->next)
			if (process->pid == pid)
				return forecast->files.array[i];
	return NULL;
}

static int visit_unit(void *context, const struct embargo_unit *unit)
{
	struct embargo_forecast *forecast = context;
	struct embargo_forecast_unit found = { .at = EMBARGO_FORECAST_NEVER };
	const struct embargo_forecast_file *file;

	for (size_t i = 0; i < unit->count; i++) {
		struct embargo_forecast_unit stop = { .at = found.at };

		find_stop(forecast, unit->commands[i].path, &stop);
		if (!stop.program)
			continue;
		found = stop;
		found.by = embargo_forecast_text(forecast, unit->commands[i].property);
	}
	file = found.program ? NULL : find_process(forecast, unit->process);
	if (file)
		found = (struct embargo_forecast_unit) { .by = "process",
							 .at = file->at,
							 .program = file->path };
	if (!found.program)
		return 0;
	found.name = embargo_forecast_text(forecast, unit->name);
	if (!found.name || !found.by || EMBARGO_FORECAST_ROOM(forecast->units))
		return -ENOMEM;
	forecast->units.array[forecast->units.count++] = found;
	return 0;
}

int embargo_forecast_units(struct embargo_forecast *forecast)
{
	int error = forecast->files.count ? embargo_units_each(visit_unit, forecast) : 0;

	if (!error || error == -ENOENT || error == -ENOMEM)
		return error == -ENOMEM ? error : 0;
	embargo_forecast_miss(forecast, "services: systemd does not answer: %s", strerror(-error));
	return 0;
}

/* By path; sorted for the packages, whose files are many. */
static int by_path(const void *left, const void *right)
{
	return strcmp((*(struct embargo_forecast_file *const *)left)->path,
		      (*(struct embargo_forecast_file *const *)right)->path);
}

struct packages {
	struct embargo_forecast *forecast;
	struct embargo_forecast_file **files; /* by path */
};

static struct embargo_forecast_package *find_package(struct embargo_forecast *forecast,
						     const struct embargo_package_file *file)
{
	struct embargo_forecast_package *package;

	for (size_t i = 0; i < forecast->packages.count; i++) {
		package = &forecast->packages.array[i];
		if (!strcmp(package->name, file->name) &&
		    !strcmp(package->version ? package->version : "",
			    file->version ? file->version : ""))
			return package;
	}
	if (EMBARGO_FORECAST_ROOM(forecast->packages))
		return NULL;
	package = &forecast->packages.array[forecast->packages.count];
	*package = (struct embargo_forecast_package) {
		.name = embargo_forecast_text(forecast, file->name),
		.version = embargo_forecast_text(forecast, file->version),
		.at = INT64_MAX,
	};
	return package->name ? (forecast->packages.count++, package) : NULL;
}

static int visit_package(void *context, const struct embargo_package_file *file)
{
	const struct packages *packages = context;
	struct embargo_forecast_file wanted = { .path = file->path }, *key = &wanted;
	struct embargo_forecast_file **found = bsearch(
		&key, packages->files, packages->forecast->files.count, sizeof(key), by_path);
	struct embargo_forecast_package *package;

	if (!found)
		return 0;
	package = find_package(packages->forecast, file);
	if (!package)
		return -ENOMEM;
	package->files++;
	if ((*found)->at < package->at)
		package->at = (*found)->at;
	return 0;
}

int embargo_forecast_packages(struct embargo_forecast *forecast)
{
	size_t size = forecast->files.count * sizeof(struct embargo_forecast_file *);
	struct packages packages = { .forecast = forecast };
	struct embargo_diagnostic diagnostic = {};
	int error;

	if (!size)
		return 0;
	packages.files = malloc(size);
	if (!packages.files)
		return -ENOMEM;
	memcpy(packages.files, forecast->files.array, size);
	qsort(packages.files, forecast->files.count, sizeof(*packages.files), by_path);
	error = embargo_packages_each("/", NULL, visit_package, &packages, &diagnostic);
	free(packages.files);
	if (!error || error == -ENOMEM)
		return error;
	embargo_forecast_miss(forecast, "packages: %s",
			      diagnostic.what[0] ? diagnostic.what : strerror(-error));
	return 0;
}
