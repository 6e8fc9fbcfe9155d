// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs by name, and which of them a generation needs. */
#include "loader/kernel/hooks.h"

#include "loader/base/cleanup.h"

#define SCOPES_LABELLED                                                    \
	(EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP | EMBARGO_SCOPE_MODULE | \
	 EMBARGO_SCOPE_FIRMWARE | EMBARGO_SCOPE_KEXEC | EMBARGO_SCOPE_OPEN)

const struct embargo_hook_form embargo_hook_forms[] = {
	{ .name = "ioctl", .scopes = SCOPES_LABELLED, .guards = true },
	{ .name = "ioctl_compat",
	  .scopes = SCOPES_LABELLED,
	  .guards = true,
	  .optional = "file_ioctl_compat" },
	{ .name = "mount", .scopes = SCOPES_LABELLED, .guards = true },
	{ .name = "exec", .scopes = EMBARGO_SCOPES_EXEC, .paths = true },
	{ .name = "map", .scopes = EMBARGO_SCOPES_MAP, .paths = true },
	{ .name = "mprotect", .scopes = EMBARGO_SCOPE_MAP_EXEC, .paths = true },
	{ .name = "kernel_read",
	  .scopes = EMBARGO_SCOPE_MODULE | EMBARGO_SCOPE_FIRMWARE | EMBARGO_SCOPE_KEXEC,
	  .paths = true },
	{ .name = "kernel_post_read", .scopes = EMBARGO_SCOPE_MODULE, .signers = true },
	{ .name = "kernel_post_load", .scopes = EMBARGO_SCOPE_MODULE, .signers = true },
	{ .name = "kernel_load", .kexec_load = true },
	{ .name = "open_cut",
	  .scopes = EMBARGO_SCOPE_OPEN,
	  .opens = true,
	  .kernels = EMBARGO_HOOK_POST_OPEN },
	{ .name = "open",
	  .scopes = EMBARGO_SCOPE_OPEN,
	  .opens = true,
	  .kernels = EMBARGO_HOOK_POST_OPEN },
	{ .name = "open_known",
	  .scopes = EMBARGO_SCOPE_OPEN,
	  .opens = true,
	  .kernels = EMBARGO_HOOK_NO_POST_OPEN },
};

const size_t embargo_hook_count = ARRAY_SIZE(embargo_hook_forms);

bool embargo_hook_needed(const struct embargo_hook_form *form,
			 const struct embargo_generation *head)
{
	return (form->scopes & (head->sized_scopes | head->unsized_scopes | head->classifies)) ||
	       (form->paths && head->path_count) || (form->signers && head->signer_count) ||
	       (form->kexec_load && head->kexec_load) || (form->opens && head->open_paths);
}
