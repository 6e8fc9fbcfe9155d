/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's kernel half: putting it up around what enforces, and looking at it. */
#ifndef EMBARGO_KERNEL_GUARD_H
#define EMBARGO_KERNEL_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "bpf/guard_abi.h"
#include "loader/base/diagnostic.h"
#include "loader/kernel/pins.h"

#define EMBARGO_GUARD_PIN_DIR EMBARGO_PIN_ROOT "/embargo-guard"

/* A folder to guard, with all that is in it; what is not there is not guarded. */
struct embargo_guard_ground {
	const char *folder;
	enum embargo_guard_place place;
};

/*
 * Puts the guard up around what enforces now and around @grounds, marks this process, and closes:
 * from here on it and those that it forks alone may do what the guard refuses. To be called by a
 * process that has all its privileges and one thread. Where it fails nothing is guarded. Errors:
 * -ENOTSUP this kernel cannot, -errno.
 */
int embargo_guard_close(enum embargo_guard_mode mode, const struct embargo_guard_ground *grounds,
			size_t ground_count, struct embargo_diagnostic *diagnostic);

/* Takes it away again: by who is marked, or while it is open. -EPERM: neither. What it knew of
 * tokens the next one of this process knows. */
int embargo_guard_remove(void);

/* The guard as anybody with CAP_SYS_ADMIN may see it. */
struct embargo_guard_view {
	enum embargo_guard_mode mode; /* OFF: there is none */
	bool is_open;
	uint64_t open_until; /* CLOCK_BOOTTIME, ns; where it is open */
	char ticket[64];     /* ... and by which token */
	struct embargo_guard_refusal refusals[EMBARGO_GUARD_REFUSED_COUNT];
};

/* Errors: -errno; @view is OFF then. */
int embargo_guard_look(struct embargo_guard_view *view);

/* Whether it is closed to this process: then @diagnostic says so, with what could open it. Returns
 * 0 or -EPERM. */
int embargo_guard_check(struct embargo_diagnostic *diagnostic);

/* What the tokens of this boot have left, as far as this process and the guard know. By who is
 * marked. Errors: -EPERM it is locked, -errno. */
int embargo_guard_tokens(struct embargo_guard_tokens *tokens);

/* Opens it until @until (CLOCK_BOOTTIME, ns) for @ticket, or closes it where that has passed, and
 * keeps @tokens. By who is marked. -EPERM: it is locked. */
int embargo_guard_open(uint64_t until, const char *ticket,
		       const struct embargo_guard_tokens *tokens);

#endif
