/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs by name, and which of them a generation needs: a bystander pays for no hook that no
 * rule needs. */
#ifndef EMBARGO_KERNEL_HOOKS_H
#define EMBARGO_KERNEL_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

enum embargo_hook_kernels {
	EMBARGO_HOOK_ANY_KERNEL,
	EMBARGO_HOOK_POST_OPEN,	   /* those that judge an open file */
	EMBARGO_HOOK_NO_POST_OPEN, /* those that cannot */
};

struct embargo_hook_form {
	const char *name; /* of the program, its pin and its link */
	__u32 scopes;	  /* digests of these scopes need it, listed ones and those to be learned */
	bool paths;	  /* path rules need it */
	bool signers;	  /* rules about signers of modules need it */
	bool kexec_load;  /* a rule about kexec_load(2) needs it */
	bool guards;	  /* labels rest on it: it comes first, and stays while there are any */
	bool opens;	  /* path rules that reach: open need it */
	enum embargo_hook_kernels kernels;
	const char *optional; /* the kernel's hook, where not every kernel has it; NULL: all have */
};

extern const struct embargo_hook_form embargo_hook_forms[];
extern const size_t embargo_hook_count;

bool embargo_hook_needed(const struct embargo_hook_form *form,
			 const struct embargo_generation *head);

#endif
