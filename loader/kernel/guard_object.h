/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that closed the guard, and those that it forked. */
#ifndef EMBARGO_KERNEL_GUARD_OBJECT_H
#define EMBARGO_KERNEL_GUARD_OBJECT_H

#include <stdbool.h>

#include "bpf/guard_abi.h"

/* Is this one of them? By its own memory, for what it says; the kernel goes by its mark. */
bool embargo_guard_is_marked(void);

/* What the guard before this one knew of tokens, where this process took it away. */
extern struct embargo_guard_tokens embargo_guard_tokens_before;

#endif
