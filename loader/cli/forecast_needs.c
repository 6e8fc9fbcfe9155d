// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast: the programs that nothing refuses, and that need what is refused to start. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/cli/forecast.h"
#include "loader/dynamic/search.h"
#include "loader/watch/mounts.h"

/* What one program has loaded in the end: browsers have some 200 libraries. */
#define LOADED_MAX 1024

/* The kernel follows an interpreter that is a script itself so often (BINPRM_MAX_RECURSION). */
#define INTERPRETERS 5

struct loaded {
	struct embargo_dynamic_object object;
	const struct embargo_forecast_object *file;
	const char *name; /* by which it was asked for */
};

struct seeking {
	struct embargo_forecast *forecast;
	const struct embargo_forecast_object *program;
	struct loaded loaded[LOADED_MAX]; /* the program first */
	size_t count;
	const struct embargo_forecast_object *candidate; /* the last that fits */
	struct embargo_forecast_need need; /* the earliest; without a name there is none */
	bool is_broken;			   /* something of it is refused already */
	int error;
};

/* On a file system of another machine nothing is waited for: what lies there is taken as it is. */
static struct embargo_forecast_object *look(struct embargo_forecast *forecast, const char *path)
{
	struct embargo_forecast_object *found;
	struct embargo_forecast_file *file;
	_cleanup_close_ int fd = -1;
	struct statx mount;
	struct stat status;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID, &mount) ||
	    !S_ISREG(mount.stx_mode) || stat(path, &status))
		return NULL;
	found = embargo_forecast_object_find(forecast, status.st_dev, status.st_ino);
	if (found)
		return found;
	if (embargo_mounts_id_is_local(mount.stx_mnt_id) && !embargo_file_open(path, &fd, NULL))
		embargo_forecast_look(forecast, fd, path, path, EMBARGO_OPERATION_UNKNOWN, &file);
	found = embargo_forecast_object_find(forecast, status.st_dev, status.st_ino);
	/* Not to be looked into again. */
	if (!found && !embargo_forecast_object_add(forecast, &status, path, NULL))
		found = embargo_forecast_object_find(forecast, status.st_dev, status.st_ino);
	return found;
}

static bool fits(void *context, const char *path)
{
	struct seeking *seeking = context;
	const struct embargo_forecast_object *found = look(seeking->forecast, path);

	if (!found ||
	    (!found->is_unknown &&
	     (!found->architecture || strcmp(found->architecture, seeking->program->architecture))))
		return false;
	seeking->candidate = found;
	return true;
}

/* @by asks for @name, and what it gets is @file, refused since @at. */
static void consider(struct seeking *seeking, int64_t at, const char *name, const char *file,
		     const char *by)
{
	seeking->is_broken = seeking->is_broken || at == EMBARGO_FORECAST_ALREADY;
	if (seeking->is_broken || at >= seeking->need.at)
		return;
	seeking->need = (struct embargo_forecast_need) {
		.object = seeking->program,
		.at = at,
		.name = embargo_forecast_text(seeking->forecast, name),
		.denied = file,
		.by = by,
	};
	if (!seeking->need.name)
		seeking->error = -ENOMEM;
}

/* A library that is there under this name already is not sought again. */
static bool is_loaded(const struct seeking *seeking, const char *name)
{
	for (size_t i = 0; i < seeking->count; i++) {
		const struct loaded *loaded = &seeking->loaded[i];

		if ((loaded->name && !strcmp(loaded->name, name)) ||
		    (i && loaded->file->soname && !strcmp(loaded->file->soname, name)))
			return true;
	}
	return false;
}

static bool is_among(const struct seeking *seeking, const struct embargo_forecast_object *file)
{
	for (size_t i = 0; i < seeking->count; i++)
		if (seeking->loaded[i].file == file)
			return true;
	return false;
}

static void add(struct seeking *seeking, const struct embargo_forecast_object *file,
		const struct loaded *loader, const char *name, const char *path)
{
	if (is_among(seeking, file) || seeking->count == LOADED_MAX)
		return;
	seeking->loaded[seeking->count++] = (struct loaded) {
		.object = { .path = embargo_forecast_text(seeking->forecast, path),
			    .rpath = file->rpath,
			    .runpath = file->runpath,
			    .loader = loader ? &loader->object : NULL },
		.file = file,
		.name = name,
	};
	if (!seeking->loaded[seeking->count - 1].object.path)
		seeking->error = -ENOMEM;
}

/* What is not found may be where LD_LIBRARY_PATH leads: what else is needed counts none the less.
 */
static void load(struct seeking *seeking, const struct embargo_dynamic_search *search,
		 const struct loaded *loader, const char *name)
{
	char path[PATH_MAX];

	if (is_loaded(seeking, name) ||
	    !embargo_dynamic_search(search, &loader->object, name, path))
		return;
	consider(seeking, seeking->candidate->mapped_at, name, seeking->candidate->path,
		 loader->file->path);
	add(seeking, seeking->candidate, loader, name, path);
}

/* In the order of the dynamic loader: all that one needs, then what these need. */
static void load_all(struct seeking *seeking)
{
	const struct embargo_forecast_object *program = seeking->program;
	const struct embargo_dynamic_search search = {
		.cache = seeking->forecast->cache,
		.interpreter = program->interpreter,
		.fits = fits,
		.context = seeking,
	};

	if (fits(seeking, program->interpreter))
		consider(seeking, seeking->candidate->mapped_at, program->interpreter,
			 seeking->candidate->path, program->path);
	add(seeking, program, NULL, NULL, program->path);
	for (size_t i = 0; i < seeking->count && !seeking->is_broken && !seeking->error; i++) {
		const char **needed = seeking->loaded[i].file->needed;

		for (; needed && *needed; needed++)
			load(seeking, &search, &seeking->loaded[i], *needed);
	}
}

static int seek(struct embargo_forecast *forecast, struct embargo_forecast_object *object,
		int depth);

/* A script is not started without its interpreter, and what that needs. */
static int interpret(struct seeking *seeking, int depth)
{
	struct embargo_forecast_object *interpreter;
	char path[PATH_MAX];
	int error;

	embargo_forecast_interpreter(seeking->program->path, path);
	interpreter = path[0] == '/' && depth ? look(seeking->forecast, path) : NULL;
	if (!interpreter)
		return 0;
	error = seek(seeking->forecast, interpreter, depth - 1);
	consider(seeking, interpreter->at, path, interpreter->path, seeking->program->path);
	if (!error && interpreter->need)
		consider(seeking, interpreter->need->at, interpreter->need->name,
			 interpreter->need->denied, interpreter->path);
	return error;
}

static bool is_started(const struct embargo_forecast_object *object)
{
	return object->is_executable &&
	       (object->is_script || (object->interpreter && object->architecture));
}

/* Other names of it are told each; what a process runs from elsewhere has no name here. */
static bool is_at(const struct embargo_forecast_object *object)
{
	struct stat status;

	return !stat(object->path, &status) && status.st_ino == object->inode &&
	       status.st_dev == object->device;
}

/* Finds once what @object needs that is refused before it is itself. Errors: -ENOMEM. */
static int seek(struct embargo_forecast *forecast, struct embargo_forecast_object *object,
		int depth)
{
	_cleanup_free_
	struct seeking *seeking = NULL;
	struct embargo_forecast_need *need;
	int error = 0;

	if (object->is_sought || object->at == EMBARGO_FORECAST_ALREADY || !is_started(object) ||
	    !is_at(object))
		return 0;
	object->is_sought = true;
	seeking = calloc(1, sizeof(*seeking));
	need = embargo_arena_take(forecast->arena, 1, sizeof(*need));
	if (!seeking || !need)
		return -ENOMEM;
	seeking->forecast = forecast;
	seeking->program = object;
	seeking->need.at = object->at;
	if (object->is_script)
		error = interpret(seeking, depth);
	else
		load_all(seeking);
	if (error || seeking->error || seeking->is_broken || !seeking->need.name)
		return error ? error : seeking->error;
	*need = seeking->need;
	object->need = need;
	return 0;
}

static int by_path(const void *left, const void *right)
{
	const struct embargo_forecast_need *a = *(struct embargo_forecast_need *const *)left;
	const struct embargo_forecast_need *b = *(struct embargo_forecast_need *const *)right;

	return strcmp(a->object->path, b->object->path);
}

int embargo_forecast_needs(struct embargo_forecast *forecast, bool is_all_seen)
{
	/* What is come upon on the way is no program that was asked about. */
	const size_t count = forecast->objects.count;
	int error = 0;

	if (is_all_seen && !forecast->files.count)
		return 0;
	error = embargo_dynamic_cache_read(EMBARGO_DYNAMIC_CACHE_FILE, &forecast->cache);
	if (error && error != -ENOENT)
		embargo_forecast_miss(forecast, "%s: %s", EMBARGO_DYNAMIC_CACHE_FILE,
				      error == -EBADMSG ? "is not of the form that glibc writes"
							: embargo_file_error(error));
	embargo_progress_start(&forecast->progress, "looking at what programs need", count);
	error = 0;
	for (size_t i = 0; i < count && !error; i++) {
		struct embargo_forecast_object *object = forecast->objects.array[i];

		error = seek(forecast, object, INTERPRETERS);
		if (!error && object->need && EMBARGO_FORECAST_ROOM(forecast->needs))
			error = -ENOMEM;
		if (!error && object->need)
			forecast->needs.array[forecast->needs.count++] = object->need;
		embargo_progress_step(&forecast->progress);
	}
	embargo_progress_clear(&forecast->progress);
	if (!error && forecast->needs.count)
		qsort(forecast->needs.array, forecast->needs.count, sizeof(*forecast->needs.array),
		      by_path);
	return error;
}
