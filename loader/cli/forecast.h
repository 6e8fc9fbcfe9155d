/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stops on this host on the dates to come: files, who runs them, services and packages. */
#ifndef EMBARGO_CLI_FORECAST_H
#define EMBARGO_CLI_FORECAST_H

#include <sys/stat.h>
#include <sys/types.h>

#include "loader/base/arena.h"
#include "loader/base/array.h"
#include "loader/base/progress.h"
#include "loader/cli/judging.h"

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
	const struct embargo_forecast_file *file;
};

struct embargo_forecast_package {
	const char *name, *version; /* the version may be NULL */
	int64_t at;		    /* of the first of its files */
	size_t files;
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
int embargo_forecast_processes(struct embargo_forecast *forecast);
int embargo_forecast_modules(struct embargo_forecast *forecast);
int embargo_forecast_units(struct embargo_forecast *forecast);
int embargo_forecast_packages(struct embargo_forecast *forecast);
int embargo_forecast_journal(struct embargo_forecast *forecast);

/* When @question is refused first, and still is at the forecast's end; false: never, or already. */
bool embargo_forecast_date(const struct embargo_forecast *forecast,
			   const struct embargo_question *question, int64_t *at,
			   struct embargo_answer *answer);

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
