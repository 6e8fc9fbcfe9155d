/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's own settings, /etc/embargo/embargo.yaml. */
#ifndef EMBARGO_POLICY_SETTINGS_H
#define EMBARGO_POLICY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/guard_abi.h"
#include "loader/base/diagnostic.h"

#define EMBARGO_SETTINGS_FILE "/etc/embargo/embargo.yaml"

/*
 * A larger file is not hashed in the kernel: 512 MiB take about half a second, in which the program
 * that wants to run waits and cannot be killed. The least still covers every ordinary program.
 */
#define EMBARGO_SETTINGS_MAX_HASH	(UINT64_C(512) << 20)
#define EMBARGO_SETTINGS_MAX_HASH_LEAST (UINT64_C(1) << 20)
#define EMBARGO_SETTINGS_MAX_HASH_MOST	(UINT64_C(1) << 40)

/*
 * Seconds for which the gate holds an execution. Less than the watch may be late by itself, on a
 * slow machine, would hold none to its end; the most is below what the gate's watchdog waits for.
 */
#define EMBARGO_SETTINGS_GATE_WAIT	2
#define EMBARGO_SETTINGS_GATE_WAIT_MOST 4

/* A host that tightens more rules than that one by one wants a policy of its own. */
#define EMBARGO_SETTINGS_STRICTER 256

/* What a host asks for beyond a policy's own schedules: from then on no less than that action. */
struct embargo_stricter {
	const char *policy;
	const char *rule; /* NULL: all of the policy's */
	unsigned int action;
	int64_t at; /* ns since 1970; 0: always */
	unsigned int line, column;
};

struct embargo_settings {
	struct embargo_arena *arena; /* owns all that is below */
	const char *file;
	const char *profile; /* or NULL */
	uint64_t max_hash;   /* bytes */
	bool terminal;	     /* tell the person at the terminal why a program was refused */
	bool gate;	     /* hold an execution until its file was examined */
	uint64_t gate_wait;  /* seconds */
	enum embargo_guard_mode guard;
	uint64_t signatures_required; /* signers that a policy needs; 0: nobody said */
	const char **policies;	      /* files and folders */
	size_t policy_count;	      /* 0: the default folder */
	struct embargo_stricter *stricter;
	size_t stricter_count;
};

/*
 * Reads @file, or EMBARGO_SETTINGS_FILE where it is NULL; without that one all is at its default.
 * Errors as for policies; @settings is untouched then. The caller frees.
 */
int embargo_settings_read(const char *file, struct embargo_settings *settings,
			  struct embargo_diagnostic *diagnostic);
void embargo_settings_free(struct embargo_settings *settings);

#endif
