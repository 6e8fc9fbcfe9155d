/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sweep at work, and what it does with the processes of this host. */
#ifndef EMBARGO_SWEEP_PROCESSES_H
#define EMBARGO_SWEEP_PROCESSES_H

#include "loader/sweep/contents.h"
#include "loader/sweep/ending.h"
#include "loader/sweep/law.h"
#include "loader/sweep/loaded.h"
#include "loader/sweep/places.h"
#include "loader/sweep/round.h"
#include "loader/sweep/telling.h"

struct embargo_sweep {
	const struct embargo_round *round;
	struct embargo_telling telling;
	struct embargo_law *law;
	struct embargo_contents *contents;
	struct embargo_places *places;
	struct embargo_loaded *loaded;
	struct embargo_hearing hearing;
	struct embargo_endings endings;
	bool is_final;
	bool has_left_over; /* processes that are to be ended next time */
	size_t away;	    /* files that are not on this machine */
	size_t unreadable;  /* ... that could not be read */
};

/* What held a moment before the date that @sweep is about, into @hearing; false: it is about now.
 */
static inline bool embargo_sweep_before(const struct embargo_sweep *sweep,
					struct embargo_hearing *hearing)
{
	if (sweep->round->at == INT64_MIN)
		return false;
	*hearing = sweep->hearing;
	hearing->now = sweep->round->at - 1;
	return true;
}

/*
 * Looks at what each process runs and has mapped. In the final look what is refused is told, and
 * whom a rule stops is asked to end. Errors: -ENOMEM, or as opendir(3).
 */
int embargo_processes_look(struct embargo_sweep *sweep);

/* Waits for the end of those, and kills whom it has to. */
void embargo_processes_end(struct embargo_sweep *sweep);

#endif
