/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate has done, from its watchdog to `status`; and the word that it is to stay open. */
#ifndef EMBARGO_GATE_REPORT_H
#define EMBARGO_GATE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/base/paths.h"

/* Lines of a name and a number, written anew where something has changed. */
#define EMBARGO_GATE_FILE EMBARGO_RUN_FOLDER "/gate.counts"

/* While it is there, nothing is held: `embargo gate off`. Gone with the next boot. */
#define EMBARGO_GATE_OFF_FILE EMBARGO_RUN_FOLDER "/gate.off"

enum embargo_gate_count {
	EMBARGO_GATE_COUNT_UNKNOWN,
	EMBARGO_GATE_COUNT_HELD,       /* until they were examined or it took too long */
	EMBARGO_GATE_COUNT_ALLOWED,    /* of these: examined */
	EMBARGO_GATE_COUNT_LATE,       /* of these: waited for as long as any may */
	EMBARGO_GATE_COUNT_FAILED,     /* of these: could not be looked into */
	EMBARGO_GATE_COUNT_UNANSWERED, /* let go unexamined: nobody to ask, or no room */
	EMBARGO_GATE_COUNT_EXEMPT,     /* PID 1's, embargo's own */
	EMBARGO_GATE_COUNT_OPENED,     /* times that it did not live and was ended */
	EMBARGO_GATE_COUNT_COUNT,
};

enum embargo_gate_state {
	EMBARGO_GATE_STATE_UNKNOWN, /* nobody knows: it does not run */
	EMBARGO_GATE_STATE_UNSET,   /* the settings do not ask for it */
	EMBARGO_GATE_STATE_OFF,	    /* `embargo gate off` */
	EMBARGO_GATE_STATE_PAUSED,  /* it was ended, and is started again soon */
	EMBARGO_GATE_STATE_ALONE,   /* no watch to ask: all is let go */
	EMBARGO_GATE_STATE_IDLE,    /* no rule looks into files */
	EMBARGO_GATE_STATE_MARKING, /* not all file systems are marked yet */
	EMBARGO_GATE_STATE_HOLDING,
	EMBARGO_GATE_STATE_COUNT,
};

struct embargo_gate_report {
	pid_t process; /* of the gate; 0: none, or this user may not know */
	enum embargo_gate_state state;
	uint64_t counts[EMBARGO_GATE_COUNT_COUNT];
};

/* "opened_by_watchdog", as `status` has it; NULL where @count is none. */
const char *embargo_gate_count_name(size_t count);

/* A sentence about @state. */
const char *embargo_gate_state_text(enum embargo_gate_state state);

/* As a whole; one that cannot be written only makes `status` say less. */
void embargo_gate_report_write(const struct embargo_gate_report *report);

/* Errors: -ENOENT where no gate has run since the boot, -EBADMSG. */
int embargo_gate_report_read(struct embargo_gate_report *report);

#endif
