/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a running process executes: its program and what it has mapped as code. */
#ifndef EMBARGO_VERDICT_PROCESS_H
#define EMBARGO_VERDICT_PROCESS_H

#include <stdbool.h>

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

#endif
