/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What enforces on this host: starting, reloading and stopping it, and looking at it through its
 * pins. */
#ifndef EMBARGO_KERNEL_ENFORCEMENT_H
#define EMBARGO_KERNEL_ENFORCEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/model/tables.h"

/* A policy in force, for `status` and the journal. */
struct embargo_record_policy {
	char id[EMBARGO_NAME_SIZE];
	int64_t expires; /* ns since 1970; INT64_MAX: never */
};

/* What a start or a reload is told besides the tables. */
struct embargo_load {
	int64_t issued; /* latest `issued` of the policies, ns; INT64_MIN: none */
	const struct embargo_record_policy *policies;
	size_t policy_count;
	bool kept; /* the tables were kept from before: no policy was read */

	/*
	 * Who keeps what goes with the tables, or NULL: both are called while no other start,
	 * reload or stop can be under way. @coming is told right before the flip what will be in
	 * force behind it: the inode of the folder of pins, and the generation. Who is killed
	 * behind the flip has told already. @settled: the flip has been, or there will be none.
	 */
	void (*coming)(void *keeper, uint64_t instance, uint64_t generation);
	void (*settled)(void *keeper);
	void *keeper;
};

/*
 * Loads the programs, installs @tables, pins everything and attaches each hook that a rule needs.
 * What enforced before is replaced without a moment in which neither does. Fills @diagnostic and
 * changes nothing where it fails: -ENOTSUP this kernel cannot (the diagnostic names what is
 * missing), -EPERM, -ENOMEM, or what the kernel said.
 */
int embargo_enforcement_start(const struct embargo_tables *tables, const struct embargo_load *load,
			      struct embargo_diagnostic *diagnostic);

/* Installs @tables as a new generation of what enforces already; -ENOENT where nothing does. */
int embargo_enforcement_reload(const struct embargo_tables *tables, const struct embargo_load *load,
			       struct embargo_diagnostic *diagnostic);

/*
 * Has a start that was killed left programs that decide beside what enforces, or alone where
 * nothing does? The next start, reload or stop puts them in their place, or takes them away.
 */
#define EMBARGO_ENFORCEMENT_UNFINISHED                                             \
	"a start was killed midway: programs of its own, or of what it replaces, " \
	"decide beside what is told here"
#define EMBARGO_ENFORCEMENT_FINISH "put it right with `embargo reload`"
bool embargo_enforcement_unfinished(void);

/* Detaches and unpins everything; -ENOENT where nothing enforces. */
int embargo_enforcement_stop(struct embargo_diagnostic *diagnostic);

/* Now, by the clock of what enforces: its floor goes on in the kernel, whatever becomes of the
 * file. INT64_MIN where nothing enforces, or where that may not be asked. */
int64_t embargo_enforcement_floor(void);

/* A handle on what enforces. It stays good when a later start replaces what it shows. */
struct embargo_enforcement;

/* -ENOENT: nothing enforces. The caller closes @enforcement; NULL may be closed. */
int embargo_enforcement_open(struct embargo_enforcement **enforcement,
			     struct embargo_diagnostic *diagnostic);
void embargo_enforcement_close(struct embargo_enforcement *enforcement);

/* The head of the generation in force. Returns 0 or -errno, as all of the following. */
int embargo_enforcement_head(const struct embargo_enforcement *enforcement,
			     struct embargo_generation *head);

/* The counters, added up over the CPUs; @totals has room for EMBARGO_COUNTER_COUNT. */
int embargo_enforcement_counters(const struct embargo_enforcement *enforcement, uint64_t *totals);

int embargo_enforcement_notes(const struct embargo_enforcement *enforcement,
			      struct embargo_notes *notes);

/* The first step that any timeline in force takes after @now (ns since 1970), the strictest where
 * several begin at once; its `at` is INT64_MAX where none lies ahead. Needs CAP_SYS_ADMIN. */
int embargo_enforcement_next(const struct embargo_enforcement *enforcement, int64_t now,
			     struct embargo_step *next);

/* The waiver in force, or still to be, that ends first after @now; its `until` is INT64_MAX where
 * there is none. Needs CAP_SYS_ADMIN. */
int embargo_enforcement_next_waiver(const struct embargo_enforcement *enforcement, int64_t now,
				    struct embargo_permit *next);

/* Bytes of kernel memory that the maps take. */
int embargo_enforcement_memory(const struct embargo_enforcement *enforcement, uint64_t *bytes);

/* One program that is loaded, and whether it is attached. */
struct embargo_hook {
	const char *name;
	bool attached;
	uint64_t missed; /* runs that the kernel skipped: then it did not enforce */
};

/* Calls @each for every program. Without @enforcement, which the guard may keep to itself, what was
 * missed is not told. */
int embargo_enforcement_hooks(const struct embargo_enforcement *enforcement,
			      int (*each)(void *context, const struct embargo_hook *hook),
			      void *context);

/* How what enforces came to it. What replaced something without a gap began as that did. */
enum embargo_beginning {
	EMBARGO_BEGAN_UNKNOWN,
	EMBARGO_BEGAN_BEFORE_INIT, /* in the initramfs: PID 1 was not yet the root's */
	EMBARGO_BEGAN_KEPT,	/* with what was in force last, which embargo-early.service does */
	EMBARGO_BEGAN_POLICIES, /* with policies that were read */
	EMBARGO_BEGAN_COUNT,
};

/* Which policies were loaded, and how long that took. From the run-time record; absent values are
 * 0. */
struct embargo_record {
	struct embargo_record_policy *policies;
	size_t policy_count;
	uint64_t load_ms;
	enum embargo_beginning beginning;
	uint64_t beginning_ms; /* since the kernel's start */
};

int embargo_enforcement_record(struct embargo_record *record);
void embargo_record_free(struct embargo_record *record);

/*
 * Events. @each gets one record of @size bytes as the kernel half wrote it; a nonzero return ends
 * the reading and is handed on. Reading takes records out.
 */
typedef int (*embargo_event_reader)(void *context, const struct embargo_event *event, size_t size);

/* A descriptor to poll for EPOLLIN; it belongs to the handle. */
int embargo_enforcement_events_fd(struct embargo_enforcement *enforcement);

/* Reads what is there without waiting. Returns how many records, or what @each returned. */
int embargo_enforcement_events_read(struct embargo_enforcement *enforcement,
				    embargo_event_reader each, void *context);

/*
 * Repetitions that were only counted: calls @each for those whose last event is older than
 * EMBARGO_COALESCE_NS
 * (@all: for all of them), and forgets their count.
 */
typedef int (*embargo_recent_reader)(void *context, const struct embargo_recent_key *key,
				     const struct embargo_reason *reason,
				     const struct embargo_permit *waiver, uint64_t count);

int embargo_enforcement_recent_read(struct embargo_enforcement *enforcement, bool all,
				    embargo_recent_reader each, void *context);

/* The clock of the kernel half. */
int embargo_enforcement_clock(const struct embargo_enforcement *enforcement,
			      struct embargo_clock *clock);
/* The kernel half's now, ns since 1970. */
int embargo_enforcement_now(const struct embargo_enforcement *enforcement, int64_t *now);
int embargo_enforcement_clock_set(struct embargo_enforcement *enforcement,
				  const struct embargo_clock *clock);

/* Forgets what the programs noticed: they notice again what is still so. */
int embargo_enforcement_notes_clear(struct embargo_enforcement *enforcement);

#endif
