/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `embargo status` tells, gathered before any of it is printed. */
#ifndef EMBARGO_STATUS_STATUS_H
#define EMBARGO_STATUS_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/gate/report.h"
#include "loader/host/blacklist.h"
#include "loader/host/host.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"
#include "loader/kernel/guard.h"
#include "loader/watch/report.h"

/* More hooks than the kernel half has programs. */
#define EMBARGO_STATUS_HOOKS 32
#define EMBARGO_STATUS_NAME  64

struct embargo_status_hook {
	char name[EMBARGO_STATUS_NAME];
	bool attached;
	uint64_t missed;
};

/* How many of the learned digests a rule in force has. */
struct embargo_status_rule {
	char policy[EMBARGO_NAME_SIZE], rule[EMBARGO_NAME_SIZE];
	size_t digests;
};

struct embargo_status {
	bool enforcing;
	struct embargo_diagnostic why; /* where it does not */
	struct embargo_host host;
	pid_t daemon;  /* 0: none runs */
	int64_t now;   /* ns since 1970, as the kernel half sees it */
	int64_t floor; /* the same; what now cannot be below */
	bool behind;   /* the clock was set back */
	struct embargo_gate_report gate;
	struct embargo_blacklist blacklist; /* the kernel's own */
	struct embargo_guard_view guard;
	bool unfinished; /* a start that was killed left programs that decide */
	bool is_closed;	 /* to this process: what is below is seen in part */

	/* Only where it enforces. */
	struct embargo_generation head;
	uint64_t counters[EMBARGO_COUNTER_COUNT];
	uint64_t memory;  /* bytes */
	size_t learned;	  /* digests learned since this generation began */
	size_t learnable; /* ... and how many more may be */
	size_t kept;	  /* digests in the list that a rule in force has */
	struct embargo_status_rule *rules;
	size_t rule_count;
	struct embargo_record record;
	struct embargo_status_hook hooks[EMBARGO_STATUS_HOOKS];
	size_t hook_count;
	bool is_watched; /* a watch runs, and this is what it has done: */
	struct embargo_watch_report watch;
	struct embargo_step next;	   /* `at` is INT64_MAX where nothing changes any more */
	struct embargo_permit next_waiver; /* that ends; `until` is INT64_MAX where none does */
};

/* What each counter is called and what it counts, in the order of enum embargo_counter. */
struct embargo_status_counter {
	const char *name;
	const char *help;
};

extern const struct embargo_status_counter embargo_status_counters[];

/*
 * Gathers what there is. -ENOENT: nothing enforces, and @status says why; any other error: it
 * cannot be told (a user who may not look). The caller frees.
 */
int embargo_status_gather(struct embargo_status *status);
void embargo_status_free(struct embargo_status *status);

/* Is the policy @i of the record one that has expired? */
bool embargo_status_has_expired(const struct embargo_status *status, size_t i);

/* Also a number of the control socket's requests: none is ever given to another form. */
enum embargo_status_form {
	EMBARGO_STATUS_TEXT = 0, /* for people */
	EMBARGO_STATUS_JSON = 1,
	EMBARGO_STATUS_METRICS = 2, /* OpenMetrics */
	EMBARGO_STATUS_FORMS,
};

/* Prints @status. Errors: -EIO, -ENOMEM. */
int embargo_status_print(const struct embargo_status *status, enum embargo_status_form form,
			 FILE *out);

/* Each of the forms. */
void embargo_status_text(const struct embargo_status *status, FILE *out);
int embargo_status_json(const struct embargo_status *status, FILE *out);
void embargo_status_metrics(const struct embargo_status *status, FILE *out);

#endif
