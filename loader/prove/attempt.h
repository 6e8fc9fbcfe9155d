/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts: each in a child with a deadline, and what the ways share in there. */
#ifndef EMBARGO_PROVE_ATTEMPT_H
#define EMBARGO_PROVE_ATTEMPT_H

#include <sys/types.h>

#include "loader/prove/way.h"

/* A slow machine takes milliseconds; a gate may hold the first execution of a file for two seconds,
 * and a way may execute a few files. */
#define EMBARGO_ATTEMPT_SECONDS 30

/*
 * Makes @attempt in a child of its own and returns what it said: 0, or -errno; -ETIME where it did
 * not end in time, -ECHILD where it ended without a word. @ban is called when the attempt awaits
 * its ban; what it returns other than 0 ends the attempt.
 */
int embargo_attempt_make(struct embargo_attempt *attempt, int (*ban)(void *context), void *context);

/* What follows is for the ways, within that child. Each returns 0 or a descriptor, or -errno. */

/* Waits until the attempt's content is banned. */
int embargo_attempt_await(const struct embargo_attempt *attempt);

/* @bytes in a file of the private tmpfs, called @name. */
int embargo_attempt_write(const struct embargo_attempt *attempt, const char *name,
			  const uint8_t *bytes);

/* @bytes in a file without a name, where the way's files lie; open for reading and writing. */
int embargo_attempt_nameless(const struct embargo_attempt *attempt, const uint8_t *bytes);

/* The same file, opened anew with @flags. */
int embargo_attempt_reopen(int fd, int flags);

/* The attempt's own bytes, for reading: a name on tmpfs (and then unlinked), or without a name. */
int embargo_attempt_open(const struct embargo_attempt *attempt);

/* Writes @bytes over the first of @fd. */
int embargo_attempt_overwrite(int fd, const uint8_t *bytes, size_t size);

/* How a program is executed: as by execveat(2). */
struct embargo_execution {
	int folder;
	const char *path;
	const char *argument; /* NULL: none */
	int flags;
	int (*before)(const struct embargo_attempt *attempt); /* in the new process; may be NULL */
	bool by_vfork;
};

/* Executes and waits: 0 where it ended as canaries end, -errno where it could not be executed,
 * -ECHILD where it ended otherwise. */
int embargo_attempt_execute(const struct embargo_attempt *attempt,
			    const struct embargo_execution *execution);
int embargo_attempt_execute_fd(const struct embargo_attempt *attempt, int fd);
int embargo_attempt_execute_path(const struct embargo_attempt *attempt, const char *path);

#endif
