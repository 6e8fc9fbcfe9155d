/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a running process executes: its program and what it has mapped as code. */
#ifndef EMBARGO_VERDICT_PROCESS_H
#define EMBARGO_VERDICT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Is @word a process id, and not the name of a file that is there? */
bool embargo_process_is(const char *word);

/*
 * Calls @each for the program of process @pid and then for every other file that it has mapped
 * executable, each file once: @path opens it (also where its name is gone or another's), @name is
 * what the kernel calls it. Stops where @each returns other than 0, and returns that. Errors:
 * -ESRCH no such process, -EACCES not yours to look into, -ENOMEM.
 */
int embargo_process_files(const char *pid,
			  int (*each)(void *context, const char *path, const char *name,
				      bool is_program),
			  void *context);

/* A file that a process executes, as the kernel tells of it: the file itself has not been touched.
 */
struct embargo_process_file {
	const char *path; /* opens it; of what is mapped root's alone */
	const char *name; /* what the kernel calls it */
	uint64_t device;  /* of its superblock, as in mountinfo and makedev(3); 0: not known */
	bool is_program;
};

/*
 * Calls @each for the program of process @pid and for each mapping of code, a file as often as it
 * is mapped. Stops where @each returns other than 0, and returns that. Errors as those of
 * embargo_process_files().
 */
int embargo_process_mappings(const char *pid,
			     int (*each)(void *context, const struct embargo_process_file *file),
			     void *context);

#endif
