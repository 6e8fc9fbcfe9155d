/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up what a process does not need: user, capabilities, limits, system calls. */
#ifndef EMBARGO_SANDBOX_SANDBOX_H
#define EMBARGO_SANDBOX_SANDBOX_H

#include <stddef.h>
#include <sys/resource.h>

/* One value that an argument of a system call may have. */
struct embargo_sandbox_argument {
	const char *call;
	unsigned int index;  /* of the argument, from 0 */
	unsigned long value; /* of its low 32 bits, as the kernel reads an int */
};

/*
 * The calls that go on working; any other fails with EPERM and does not kill: a newer C library
 * that tries a newer call first goes on with the older. A filter may be followed by a stricter one,
 * where the first leaves "prctl" and "seccomp".
 */
struct embargo_sandbox {
	const char *const *calls; /* ends in NULL */
	const struct embargo_sandbox_argument
		*arguments; /* ends in a row without a call; or NULL */
};

/*
 * Becomes nobody, where that may be done, without groups and without any capability; nothing that
 * is executed gives one back. Nobody may trace this process or see its memory. Returns 0 or -errno.
 */
int embargo_sandbox_drop_user(void);

/*
 * Drops the user, then bounds what is left: no core, no byte in any file, @descriptors open files,
 * @memory bytes of addresses (not where the address sanitizer wants terabytes of them). Returns 0
 * or -errno.
 */
int embargo_sandbox_bound(rlim_t descriptors, rlim_t memory);

/*
 * Keeps these @count capabilities (linux/capability.h), effective and permitted, of those it has;
 * no other can be had again, by nothing that is executed either. Errors: -EPERM one of them is not
 * there.
 */
int embargo_sandbox_keep(const unsigned int *capabilities, size_t count);

/*
 * Everything but @sandbox, for a process that does much: of its calls none may be made any more, of
 * its arguments none with that value; they fail with EPERM, and others go on. And no network: only
 * sockets of AF_UNIX can be made. Binds all that this process starts. Returns 0 or -errno.
 */
int embargo_sandbox_forbid(const struct embargo_sandbox *sandbox);

/* From here on only @sandbox. Returns 0 or -errno. */
int embargo_sandbox_enter(const struct embargo_sandbox *sandbox);

/* Lowers both limits of @resource to @value, where they are not lower yet. Returns 0 or -errno. */
int embargo_sandbox_limit(int resource, rlim_t value);

#endif
