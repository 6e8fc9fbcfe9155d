// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking once to know the files beforehand, and once when it counts; and at modules. */
#include "loader/sweep/round.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/opener.h"
#include "loader/sweep/processes.h"

/* While it waits for its moment: the clock may be set, so it looks again. */
#define NAP_NS 100000000

/* How often all is looked at again because more had to end than can at a time. */
#define ROUNDS_MOST 16

static bool was_module_refused(const struct embargo_sweep *sweep,
			       const struct embargo_loaded_module *module,
			       const struct embargo_ruling *ruling)
{
	struct embargo_hearing hearing;
	struct embargo_ruling before;

	return embargo_sweep_before(sweep, &hearing) &&
	       !embargo_law_judge_module(sweep->law, &hearing, &module->specimen, &module->arrival,
					 &before) &&
	       before.is_refused && before.number == ruling->number;
}

static int look_at_module(void *context, const struct embargo_loaded_module *module)
{
	struct embargo_sweep *sweep = context;
	struct embargo_ruling ruling;
	struct embargo_round_told told = { .process = 0 };
	char who[128];
	int error;

	if (!sweep->is_final || !module->path)
		return 0;
	sweep->hearing.path = module->path;
	error = embargo_law_judge_module(sweep->law, &sweep->hearing, &module->specimen,
					 &module->arrival, &ruling);
	if (error || !ruling.is_refused || was_module_refused(sweep, module, &ruling))
		return error;
	told.device = module->status.st_dev;
	told.inode = module->status.st_ino;
	told.reason = ruling.number;
	snprintf(who, sizeof(who), "module %s", module->name);
	embargo_telling_report(&sweep->telling, &told, who, "is loaded from", module->path,
			       &ruling);
	return 0;
}

/* Device numbers of what has been unmounted are used again: the tables are read each time. */
static int look(struct embargo_sweep *sweep)
{
	int error;

	sweep->away = sweep->unreadable = 0;
	sweep->has_left_over = false;
	embargo_contents_renew(sweep->contents);
	embargo_places_close(sweep->places);
	sweep->places = NULL;
	error = embargo_law_now(sweep->law, &sweep->hearing.now, &sweep->hearing.is_behind);
	if (!error)
		error = embargo_places_open(&sweep->places);
	if (!error)
		error = embargo_processes_look(sweep);
	if (!error && sweep->loaded)
		error = embargo_loaded_each(sweep->loaded, look_at_module, sweep);
	return error;
}

static int wait_for_moment(const struct embargo_sweep *sweep)
{
	int64_t now, left;
	bool is_behind;
	int error;

	while (!(error = embargo_law_now(sweep->law, &now, &is_behind)) && now < sweep->round->at) {
		left = sweep->round->at - now;
		if (left > NAP_NS)
			left = NAP_NS;
		nanosleep(&(struct timespec) { .tv_nsec = left }, NULL);
	}
	return error;
}

static void sum_up(const struct embargo_sweep *sweep)
{
	if (sweep->telling.reports > EMBARGO_ROUND_REPORTS)
		embargo_speaker_say(&sweep->telling.speaker, LOG_WARNING,
				    "%zu more are refused by now and run, and are not named",
				    sweep->telling.reports - EMBARGO_ROUND_REPORTS);
	if (sweep->away)
		embargo_speaker_say(
			&sweep->telling.speaker, LOG_NOTICE,
			"%zu mappings of files on network or FUSE file systems were not looked at",
			sweep->away);
	if (sweep->unreadable)
		embargo_speaker_say(&sweep->telling.speaker, LOG_WARNING,
				    "%zu mappings of files could not be read", sweep->unreadable);
	if (sweep->telling.reports && !embargo_law_has_policies(sweep->law))
		embargo_speaker_say(
			&sweep->telling.speaker, LOG_WARNING,
			"the policies in force cannot be read: nothing that runs is stopped");
}

static int go_through(struct embargo_sweep *sweep)
{
	int64_t now;
	bool is_behind;
	int error = embargo_law_now(sweep->law, &now, &is_behind);

	if (!error && now < sweep->round->at) {
		error = look(sweep);
		if (!error)
			error = wait_for_moment(sweep);
	}
	sweep->is_final = true;
	for (int i = 0; !error && i < ROUNDS_MOST && (!i || sweep->has_left_over); i++) {
		error = look(sweep);
		if (!error && !sweep->has_left_over) {
			sum_up(sweep);
			sweep->telling.callbacks->looked(sweep->telling.context);
		}
		embargo_processes_end(sweep);
	}
	return error;
}

static void clean_up(struct embargo_sweep *sweep)
{
	embargo_places_close(sweep->places);
	embargo_contents_close(sweep->contents);
	embargo_loaded_close(sweep->loaded);
	embargo_law_close(sweep->law);
	embargo_telling_end(&sweep->telling);
}

int embargo_round_run(const struct embargo_round *round,
		      const struct embargo_round_callbacks *callbacks, void *context)
{
	_cleanup_(clean_up) struct embargo_sweep sweep = {
		.round = round,
		.telling = { .round = round,
			     .callbacks = callbacks,
			     .context = context,
			     .speaker = { callbacks->say, context } },
	};
	struct embargo_diagnostic diagnostic = { .line = 0 };
	/* A classifier gets nothing of what is read later. */
	int error = embargo_loaded_open(&sweep.loaded);

	if (!error)
		error = embargo_law_open(&round->id, &sweep.law, &diagnostic);
	if (!error && !embargo_law_concerns_modules(sweep.law)) {
		embargo_loaded_close(sweep.loaded);
		sweep.loaded = NULL;
	}
	embargo_opener_exempt(); /* where it may not, what it cannot open is told of */
	if (!error)
		error = embargo_contents_open(embargo_law_asks, sweep.law, &sweep.contents);
	return error ? error : go_through(&sweep);
}
