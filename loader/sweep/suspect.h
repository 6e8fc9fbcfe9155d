/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process that is looked at: held, so that all that is read of it is of one and the same. */
#ifndef EMBARGO_SWEEP_SUSPECT_H
#define EMBARGO_SWEEP_SUSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct embargo_suspect {
	int pidfd;
	pid_t pid;
	char word[16]; /* names it in /proc: a thread of it, where its first one has ended */
};

/* Errors: -ESRCH, or those of pidfd_open(2). The caller closes @suspect. */
int embargo_suspect_open(const char *pid, struct embargo_suspect *suspect);
void embargo_suspect_close(struct embargo_suspect *suspect);

/* It has not ended since it was opened: what was read under its number was of it alone. */
bool embargo_suspect_is_there(const struct embargo_suspect *suspect);

/* Who it is, for people. */
struct embargo_suspect_name {
	char comm[64];	  /* printable */
	unsigned int uid; /* real; (unsigned int)-1 is not known */
	uint64_t started; /* clock ticks since the boot */
};

void embargo_suspect_name(const struct embargo_suspect *suspect, struct embargo_suspect_name *name);

/* Does it live in the mount namespace of PID 1, so that its paths are the host's? */
bool embargo_suspect_is_at_home(const struct embargo_suspect *suspect);

/* PID 1, embargo itself in any of its processes, and who has started this one: never stopped. */
bool embargo_suspect_is_sacred(const struct embargo_suspect *suspect);

#endif
