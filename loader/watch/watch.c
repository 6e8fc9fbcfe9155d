// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop of the watch: each second it sees whether other rules are in force, and tells how far it
 * is. */
#include "loader/watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>

#include "loader/base/cleanup.h"
#include "loader/index/index.h"
#include "loader/learned/list.h"
#include "loader/watch/parts.h"
#include "loader/watch/report.h"

#define TICK_SLACK_US 250000

/* How often an index that broke, or could not be had, is tried again. */
#define INDEX_TICKS 10

static void on_lesson(void *context, const char *path, const struct embargo_lesson *lesson)
{
	const struct embargo_watch *watch = context;
	char text[1024];

	embargo_speaker_say(&watch->speaker,
			    lesson->is_foundation || lesson->is_full ? LOG_ERR : LOG_NOTICE, "%s",
			    embargo_lesson_format(lesson, path, text, sizeof(text)));
}

/* One line for each file would fill the journal of a host that somebody fills with broken files. */
static void on_failed(void *context, const char *path, int error)
{
	struct embargo_watch *watch = context;

	if (watch->failures_told++ < 16)
		embargo_speaker_say(&watch->speaker, LOG_WARNING, "%s cannot be classified: %s",
				    path ? path : "a file", strerror(-error));
}

/* Not here, in the midst of a file, of the packages' files or of what the gate asked: at once
 * behind it. */
void embargo_watch_take_up(void *context)
{
	struct embargo_watch *watch = context;

	watch->is_anew = true;
	sd_event_source_set_time_relative(watch->tick, 0);
}

static const struct embargo_examiner_callbacks examiner_callbacks = {
	.lesson = on_lesson,
	.failed = on_failed,
	.changed = embargo_watch_take_up,
};

static void write_report(const struct embargo_watch *watch)
{
	struct embargo_inventory_progress progress;

	embargo_inventory_progress(watch->inventory, &progress);
	embargo_watch_report_write(embargo_examiner_counts(watch->examiner), &progress);
}

static void renew(struct embargo_watch *watch)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };

	if (embargo_examiner_renew(watch->examiner, &diagnostic))
		embargo_speaker_say(&watch->speaker, LOG_WARNING,
				    "chains of signatures are neither good nor bad: %s",
				    diagnostic.what);
}

/* Returns -ENOENT where nothing is in force any more; @anew: all is to be examined anew. */
static int keep_up(struct embargo_watch *watch, bool *anew)
{
	struct embargo_learner *learner = embargo_examiner_learner(watch->examiner);
	struct embargo_diagnostic diagnostic = { .line = 0 };
	bool changed;
	int error = embargo_learner_follow(learner, &changed, &diagnostic);

	if (error == -ENOENT && !embargo_learner_policies(learner))
		return watch->ticks > 60 ? error : 0;
	if (error && watch->ticks % 60 == 1)
		embargo_speaker_say(&watch->speaker, LOG_ERR,
				    "the policies in force cannot be followed: %s %s",
				    diagnostic.what[0] ? diagnostic.what : strerror(-error),
				    diagnostic.remedy);
	changed |= watch->is_anew;
	*anew = changed;
	if (!error)
		watch->is_anew = false;
	if (changed)
		renew(watch);
	if (error || !embargo_learner_is_needed(learner))
		return 0;
	return embargo_watch_hear(watch, changed);
}

/* A disk that was full, or broken, may take again what it did not. */
static void settle(struct embargo_watch *watch)
{
	int error = embargo_learner_settle(embargo_examiner_learner(watch->examiner));

	if (error == -EAGAIN)
		return;
	watch->broken = error == -EIO || error == -EROFS ? error : 0;
	if (watch->is_unkept == (error != 0))
		return;
	watch->is_unkept = error != 0;
	if (error)
		embargo_speaker_say(&watch->speaker, LOG_ERR,
				    EMBARGO_LEARNED_FILE
				    " cannot be written: %s; what is learned is refused, but "
				    "forgotten when the watch ends: make room there, or make it "
				    "writable",
				    strerror(-error));
	else
		embargo_speaker_say(&watch->speaker, LOG_NOTICE,
				    EMBARGO_LEARNED_FILE
				    " is written again, with all that was learned meanwhile");
}

/* Without an index everything is looked into anew, which takes longer, and nothing else. */
static void keep_index(struct embargo_watch *watch)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int error;

	if (watch->ticks % INDEX_TICKS != 1)
		return;
	/* The kernel takes what is written to a file that is open long after its disk has gone: the
	 * list beside it, which is made last, tells. */
	if (watch->broken)
		embargo_examiner_let_go(watch->examiner);
	error = watch->broken ? watch->broken
			      : embargo_examiner_reopen(watch->examiner, &diagnostic);
	if (watch->is_unindexed == (error != 0))
		return;
	watch->is_unindexed = error != 0;
	if (error)
		embargo_speaker_say(
			&watch->speaker, LOG_WARNING,
			"the index: %s: %s; make room there, or make it writable; until "
			"then all files are looked into anew at each start",
			EMBARGO_INDEX_FILE,
			diagnostic.what[0] ? diagnostic.what : strerror(-error));
	else
		embargo_speaker_say(&watch->speaker, LOG_NOTICE, "the index: %s is kept again",
				    EMBARGO_INDEX_FILE);
}

static int on_tick(sd_event_source *source, uint64_t now, void *context)
{
	struct embargo_watch *watch = context;
	bool anew = false;
	int error;

	(void)now;
	watch->ticks++;
	error = keep_up(watch, &anew);
	if (error)
		return sd_event_exit(watch->event, error);
	/* Not before all is ready to answer it: a gate that holds while the first mounts are looked
	 * for holds in vain. */
	embargo_watch_tell_gate(watch, anew);
	settle(watch);
	keep_index(watch);
	write_report(watch);
	sd_event_source_set_time_relative(source, EMBARGO_WATCH_TICK_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int add_sources(struct embargo_watch *watch)
{
	sigset_t held;
	int error;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigaddset(&held,
		  SIGIO); /* a lease that somebody wants to break: it is given back at once */
	sigprocmask(SIG_BLOCK, &held, NULL);
	error = sd_event_add_signal(watch->event, NULL, SIGTERM, NULL, NULL);
	if (error >= 0)
		error = sd_event_add_signal(watch->event, NULL, SIGINT, NULL, NULL);
	if (error >= 0)
		error = embargo_watch_open_work(watch);
	if (error >= 0)
		error = sd_event_add_time_relative(watch->event, &watch->tick, CLOCK_MONOTONIC, 0,
						   TICK_SLACK_US, on_tick, watch);
	return error < 0 ? error : 0;
}

static void clean_up(struct embargo_watch *watch)
{
	embargo_watch_report_remove();
	embargo_asked_close(watch->asked);
	embargo_offered_close(watch->offered);
	embargo_notices_close(watch->notices);
	embargo_ring_close(watch->ring);
	embargo_sighted_close(watch->sighted);
	embargo_inventory_close(watch->inventory);
	embargo_examiner_close(watch->examiner);
	embargo_owners_close(watch->owners);
	sd_event_source_unref(watch->work);
	sd_event_source_unref(watch->tick);
	sd_event_unref(watch->event);
}

int embargo_watch_run(const struct embargo_watch_callbacks *callbacks, void *context)
{
	_cleanup_(clean_up) struct embargo_watch watch = { .speaker = { callbacks->say, context } };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int error =
		embargo_examiner_open(&examiner_callbacks, &watch, &watch.examiner, &diagnostic);

	if (error)
		return error;
	/* One that was damaged; of one that cannot be had keep_index() tells. */
	if (diagnostic.remedy[0])
		embargo_speaker_say(&watch.speaker, LOG_WARNING, "the index: %s: %s; %s",
				    diagnostic.file, diagnostic.what, diagnostic.remedy);
	error = embargo_inventory_open(&watch.inventory);
	if (!error)
		error = embargo_owners_open(&watch.owners);
	if (!error)
		error = embargo_sighted_open(&watch.sighted);
	embargo_examiner_own(watch.examiner, watch.owners);
	if (!error)
		error = sd_event_new(&watch.event);
	if (error >= 0)
		error = add_sources(&watch);
	if (error < 0)
		return error;
	embargo_watch_open_callers(&watch);
	return sd_event_loop(watch.event);
}
