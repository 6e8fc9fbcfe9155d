// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways that are known to be open: told with what closes them, and not tried on a host at work. */
#include "loader/base/cleanup.h"
#include "loader/prove/way.h"

#define OPEN(title, does, text, tests, why)                                                 \
	{                                                                                   \
		.name = title, .what = text, .cases = tests, .operation = does, .open = why \
	}

static const struct embargo_way rows[] = {
	OPEN("script-as-argument", EMBARGO_OPERATION_OPEN, "a script given to its interpreter",
	     "limits/script-as-argument",
	     "the interpreter only reads it: reach: open in the rule refuses that"),
	OPEN("anonymous-memory", EMBARGO_OPERATION_OPEN,
	     "copied into anonymous memory by a program of the attacker's",
	     "limits/into-anonymous-memory",
	     "no file is executed or mapped: reach: open in the rule closes the honest ways"),
	OPEN("ptrace", EMBARGO_OPERATION_OPEN, "written into an allowed process by ptrace",
	     "limits/into-a-traced-process",
	     "no file is executed or mapped; kernel.yama.ptrace_scope keeps others from it"),
	OPEN("proc-mem", EMBARGO_OPERATION_OPEN, "written into an allowed process by /proc/PID/mem",
	     "limits/into-proc-mem",
	     "no file is executed or mapped; kernel.yama.ptrace_scope keeps others from it"),
	OPEN("unsized", EMBARGO_OPERATION_MAP,
	     "an unsized digest: mapped for reading, then turned executable, never run before",
	     "limits/unsized-by-mprotect", "that hook cannot hash: list the size with the digest"),
	OPEN("max-hash", EMBARGO_OPERATION_EXEC, "a file larger than max-hash",
	     "limits/larger-than-max-hash",
	     "it is not hashed: on-error: deny refuses what has a listed size"),
	OPEN("fuse", EMBARGO_OPERATION_EXEC, "served by a file system in user space",
	     "limits/served-by-fuse",
	     "it can show other bytes each time: on-error: deny refuses what has a listed size"),
	OPEN("beneath-a-mount", EMBARGO_OPERATION_EXEC,
	     "the medium beneath a mounted file system written", "limits/written-beneath-a-mount",
	     "no file changes: dm-verity or fs-verity close it"),
};

const struct embargo_ways embargo_ways_told = { rows, ARRAY_SIZE(rows) };
