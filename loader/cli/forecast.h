/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stops on this host on the dates to come: files, who runs them, services and packages. */
#ifndef EMBARGO_CLI_FORECAST_H
#define EMBARGO_CLI_FORECAST_H

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "loader/base/arena.h"
#include "loader/base/array.h"
#include "loader/base/progress.h"
#include "loader/cli/judging.h"
#include "loader/dynamic/cache.h"

#define EMBARGO_FORECAST_UNIT	 256 /* systemd's bound on a name */
#define EMBARGO_FORECAST_MISSING 16

/* Days of the journal that are read for what would have been refused already. */
#define EMBARGO_FORECAST_DAYS 30

struct embargo_forecast_process {
	struct embargo_forecast_process *next;
	pid_t pid;
	const char *name;
	const char *unit; /* or NULL */
	bool is_mapped;	  /* the file is a library of it, not its program */
};

/* A file that is refused from a date on, and was not before. */
struct embargo_forecast_file {
	const char *path;
	dev_t device;
	ino_t inode;
	enum embargo_kind kind;
	enum embargo_operation operation;
	struct embargo_digest digest;
	int64_t at;
	const struct embargo_reason *reason;
	const char *identity;		 /* what it matches by: "KIND VALUE", or NULL */
	const struct embargo_rule *rule; /* or NULL */
	const char *module;		 /* it is loaded, under this name; or NULL */
	struct embargo_forecast_process *processes;
};

/* A service whose start, or main process, needs one. */
struct embargo_forecast_unit {
	const char *name;
	const char *by; /* "ExecStart", or "process" */
	int64_t at;
	const char *program;			  /* that is refused, or needs what is */
	const struct embargo_forecast_need *need; /* or NULL: the program itself is refused */
};

struct embargo_forecast_package {
	const char *name, *version; /* the version may be NULL */
	int64_t at;		    /* of the first of its files */
	size_t files;
};

/*
 * A program, library or script that was looked at, for what others need of it and it of others.
 * What cannot be looked at has nothing but its inode.
 */
struct embargo_forecast_object {
	dev_t device;
	ino_t inode;
	const char *path;
	int64_t at;		  /* since when it may not be executed, _ALREADY or _NEVER */
	int64_t mapped_at;	  /* the same for mapping it as code */
	const char *architecture; /* NULL: nothing that a dynamic loader loads */
	const char *interpreter;  /* of a program: its dynamic loader */
	const char *rpath, *runpath, *soname;
	const char **needed; /* names, NULL at the end; or NULL */
	bool is_script, is_executable, is_unknown;
	struct embargo_forecast_need *need; /* once found */
	bool is_sought;
};

/* A program or script that nothing refuses, and that is not started without what is refused. */
struct embargo_forecast_need {
	const struct embargo_forecast_object *object;
	int64_t at;
	const char *name;   /* of the library, as it is asked for, or the interpreter's path */
	const char *denied; /* the file that is refused */
	const char *by;	    /* who asks for it: the program, a library of it, its interpreter */
};

/* What the journal saw, and is nowhere to be looked at now. */
struct embargo_forecast_seen {
	const char *path;
	struct embargo_digest digest;
	int64_t at, last;
	const struct embargo_reason *reason;
	uint64_t count;
};

/* An array that grows. */
#define EMBARGO_FORECAST_LIST(type) \
	struct {                    \
		type *array;        \
		size_t count, room; \
	}

struct embargo_forecast {
	struct embargo_arena *arena;
	struct embargo_judging judging;
	struct embargo_progress progress;
	int64_t until; /* INT64_MAX: each date to come */
	EMBARGO_FORECAST_LIST(struct embargo_forecast_file *) files;
	EMBARGO_FORECAST_LIST(struct embargo_forecast_object *)
	objects;			     /* by each of their names */
	void *by_inode;			     /* a tree of them */
	struct embargo_dynamic_cache *cache; /* while needs are sought */
	EMBARGO_FORECAST_LIST(struct embargo_forecast_need *) needs;
	EMBARGO_FORECAST_LIST(struct embargo_forecast_unit) units;
	EMBARGO_FORECAST_LIST(struct embargo_forecast_package) packages;
	EMBARGO_FORECAST_LIST(struct embargo_forecast_seen) seen;
	const char *missing[EMBARGO_FORECAST_MISSING]; /* what could not be looked at, in words */
	size_t missing_count;
	uint64_t failed, skipped;
};

/* Zeroed memory may be stopped. */
void embargo_forecast_stop(struct embargo_forecast *forecast);

/*
 * Looks at the host, or at the trees @paths alone (@count; then no journal is read). @until is set
 * and the judging started. Says what is wrong; returns 0 or -errno.
 */
int embargo_forecast_make(struct embargo_forecast *forecast, char **paths, size_t count);

/* Its parts. */
void embargo_forecast_look(struct embargo_forecast *forecast, int fd, const char *path,
			   const char *name, enum embargo_operation operation,
			   struct embargo_forecast_file **file);
struct embargo_forecast_file *embargo_forecast_find(const struct embargo_forecast *forecast,
						    dev_t device, ino_t inode);
void embargo_forecast_miss(struct embargo_forecast *forecast, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct embargo_forecast_object *embargo_forecast_object_find(
	const struct embargo_forecast *forecast, dev_t device, ino_t inode);
int embargo_forecast_object_add(struct embargo_forecast *forecast, const struct stat *status,
				const char *path, const struct embargo_subject *subject);
int embargo_forecast_needs(struct embargo_forecast *forecast, bool is_all_seen);
int embargo_forecast_processes(struct embargo_forecast *forecast);
int embargo_forecast_modules(struct embargo_forecast *forecast);
int embargo_forecast_units(struct embargo_forecast *forecast);
int embargo_forecast_packages(struct embargo_forecast *forecast);
int embargo_forecast_journal(struct embargo_forecast *forecast);

/*
 * When @question is refused first, and still is at the forecast's end: then @answer tells why. Or
 * one of these.
 */
#define EMBARGO_FORECAST_ALREADY INT64_MIN
#define EMBARGO_FORECAST_NEVER	 INT64_MAX
int64_t embargo_forecast_date(const struct embargo_forecast *forecast,
			      const struct embargo_question *question,
			      struct embargo_answer *answer);

/* The interpreter that a script names in its first line, into @interpreter; "" is none. */
void embargo_forecast_interpreter(const char *path, char interpreter[static PATH_MAX]);

/* Room for one more in a list. Returns 0 or -ENOMEM. */
#define EMBARGO_FORECAST_ROOM(list)                                            \
	embargo_array_grow((void **)&(list).array, (list).count, &(list).room, \
			   sizeof(*(list).array))

/* A copy in the forecast's memory, or NULL: for NULL, and where memory is out. */
const char *embargo_forecast_text(struct embargo_forecast *forecast, const char *text);

/* For people, by date; or one JSON object. Errors: -ENOMEM, -EIO. */
int embargo_forecast_print(const struct embargo_forecast *forecast);
int embargo_forecast_print_json(const struct embargo_forecast *forecast);

#endif
