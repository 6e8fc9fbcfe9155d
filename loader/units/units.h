/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The services of this host, as systemd has them: what each starts. */
#ifndef EMBARGO_UNITS_UNITS_H
#define EMBARGO_UNITS_UNITS_H

#include <stddef.h>
#include <sys/types.h>

/* Commands of one service that are looked at: few have more than two. */
#define EMBARGO_UNIT_COMMANDS 32

struct embargo_unit_command {
	const char *property; /* "ExecStart" */
	const char *path;     /* of the program, as the unit has it */
};

struct embargo_unit {
	const char *name;
	pid_t process;						     /* its main one, or 0 */
	struct embargo_unit_command commands[EMBARGO_UNIT_COMMANDS]; /* that its start needs */
	size_t count;
};

/*
 * Asks the system's systemd about each service that is loaded or has a file, once, templates left
 * out: only an instance says what it starts. @each may end it with a nonzero value, which is
 * returned. Errors: -ENOENT no systemd runs this host, or what the bus says.
 */
int embargo_units_each(int (*each)(void *context, const struct embargo_unit *unit), void *context);

/* The system unit that process @pid belongs to, into @name; "" where none is known. */
void embargo_unit_of(pid_t pid, char *name, size_t size);

#endif
