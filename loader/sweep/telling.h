/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sweep tells: each process and file once, and not more lines than a journal can take. */
#ifndef EMBARGO_SWEEP_TELLING_H
#define EMBARGO_SWEEP_TELLING_H

#include "loader/base/speaker.h"
#include "loader/sweep/law.h"
#include "loader/sweep/round.h"

struct embargo_telling {
	const struct embargo_round *round;
	const struct embargo_round_callbacks *callbacks;
	void *context;
	struct embargo_speaker speaker;
	struct embargo_round_told *told; /* in this round */
	size_t told_count;
	size_t reports;
};

/*
 * "WHO DOES PATH, which is refused since T (rule R of P)", unless @told was told in this generation
 * already. Returns whether it was news.
 */
bool embargo_telling_report(struct embargo_telling *telling, const struct embargo_round_told *told,
			    const char *who, const char *does, const char *path,
			    const struct embargo_ruling *ruling);

/* Forgets what it holds. */
void embargo_telling_end(struct embargo_telling *telling);

#endif
