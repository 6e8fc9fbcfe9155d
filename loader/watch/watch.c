// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop of the watch: notices first, then the inventory, as long as there is any. */
#include "loader/watch/watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/speaker.h"
#include "loader/watch/asked.h"
#include "loader/watch/inventory.h"
#include "loader/watch/notices.h"
#include "loader/watch/offered.h"
#include "loader/watch/report.h"
#include "loader/watch/ring.h"
#include "loader/watch/sighted.h"

#define TICK_US	      1000000
#define TICK_SLACK_US 250000

/* Mounts of other namespaces tell nobody. */
#define LOOK_TICKS 5

/* Sightings that were lost are made up for no more often. */
#define MAKE_UP_TICKS 10

/* The inventory takes a quarter of a processor at most: after each file it rests for thrice as
 * long. */
#define REST_FACTOR  3
#define REST_MOST_US 2000000

struct watch {
	struct embargo_speaker speaker;
	struct embargo_examiner *examiner;
	struct embargo_owners *owners;
	struct embargo_inventory *inventory;
	struct embargo_asked *asked;	 /* NULL: the gate cannot be served */
	struct embargo_offered *offered; /* NULL: verbs cannot hand files over */
	struct embargo_sighted *sighted;
	struct embargo_ring *ring;	 /* of the generation that the learner follows */
	struct embargo_notices *notices; /* NULL: this kernel gives none */
	sd_event *event;
	sd_event_source *tick;
	sd_event_source *work; /* the next step of the inventory */
	unsigned int ticks;
	bool is_behind; /* notices were lost */
	bool is_anew;	/* other rules are in force, and the next tick takes them up */
	uint64_t failures_told;
	uint64_t followed_us;
};

static void on_lesson(void *context, const char *path, const struct embargo_lesson *lesson)
{
	const struct watch *watch = context;
	char text[1024];

	embargo_speaker_say(&watch->speaker,
			    lesson->is_foundation || lesson->is_full ? LOG_ERR : LOG_NOTICE, "%s",
			    embargo_lesson_format(lesson, path, text, sizeof(text)));
}

/* One line for each file would fill the journal of a host that somebody fills with broken files. */
static void on_failed(void *context, const char *path, int error)
{
	struct watch *watch = context;

	if (watch->failures_told++ < 16)
		embargo_speaker_say(&watch->speaker, LOG_WARNING, "%s cannot be classified: %s",
				    path ? path : "a file", strerror(-error));
}

/* The next step of the inventory, @after_us from now. */
static void work_after(struct watch *watch, uint64_t after_us)
{
	sd_event_source_set_time_relative(watch->work, after_us);
	sd_event_source_set_enabled(watch->work, SD_EVENT_ONESHOT);
}

static void add_root(struct watch *watch, const char *path)
{
	int error = embargo_inventory_add(watch->inventory, path);

	if (error && error != -ENOENT)
		embargo_speaker_say(&watch->speaker, LOG_WARNING, "%s cannot be inventoried: %s",
				    path, strerror(-error));
	work_after(watch, 0);
}

static void tell_gate(struct watch *watch, bool changed)
{
	if (watch->asked)
		embargo_asked_tell(
			watch->asked,
			embargo_learner_is_needed(embargo_examiner_learner(watch->examiner)),
			changed);
}

/* Not here, in the midst of a file, of the packages' files or of what the gate asked: at once
 * behind it. */
static void on_changed(void *context)
{
	struct watch *watch = context;

	watch->is_anew = true;
	sd_event_source_set_time_relative(watch->tick, 0);
}

static uint64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

/* What the gate passes over, it does not ask about: a file that takes long must not keep it from
 * hearing of other rules. */
static void follow_for_gate(struct watch *watch)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	bool changed;

	if (now_us() < watch->followed_us + TICK_US)
		return;
	watch->followed_us = now_us();
	if (embargo_learner_follow(embargo_examiner_learner(watch->examiner), &changed, &ignored) ||
	    !changed)
		return;
	on_changed(watch);
	tell_gate(watch, true);
}

/* Somebody's execution is held: a thousand files that were just unpacked, a large one that is being
 * looked into do not go before it. */
static void serve_gate(void *context)
{
	struct watch *watch = context;

	if (!watch->asked)
		return;
	follow_for_gate(watch);
	embargo_asked_serve(watch->asked);
}

/* Somebody has just installed it, and may run it next: it does not wait behind the inventory. */
static void on_owned(void *context, const char *path)
{
	struct watch *watch = context;
	int fd;

	if (embargo_file_open(path, &fd, NULL))
		return;
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_SIGHTING);
	close(fd);
	serve_gate(watch);
}

static void refresh_owners(struct watch *watch, bool is_new_set)
{
	struct embargo_learner *learner = embargo_examiner_learner(watch->examiner);
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int error = embargo_owners_refresh(watch->owners, embargo_learner_policies(learner),
					   is_new_set, on_owned, watch, &diagnostic);

	if (error < 0)
		embargo_speaker_say(&watch->speaker, LOG_ERR,
				    "the installed packages cannot be read: %s; %s",
				    diagnostic.what[0] ? diagnostic.what : strerror(-error),
				    diagnostic.remedy);
}

static const struct embargo_examiner_callbacks examiner_callbacks = {
	.lesson = on_lesson,
	.failed = on_failed,
	.changed = on_changed,
};

static void on_file(void *context, int fd, const char *path)
{
	struct watch *watch = context;

	serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_NOTICE);
	close(fd);
}

static void on_folder(void *context, const char *path)
{
	add_root(context, path);
}

static void on_unwatched(void *context, const char *path, const char *type, int error)
{
	struct watch *watch = context;

	embargo_speaker_say(&watch->speaker, LOG_WARNING,
			    "files written to %s (%s) are seen only when they are first run: %s",
			    path, type, strerror(-error));
	add_root(watch, path);
}

static void on_overflow(void *context)
{
	struct watch *watch = context;

	embargo_speaker_say(&watch->speaker, LOG_WARNING,
			    "files were written faster than they can be looked at; all are "
			    "looked at again");
	watch->is_behind = true;
}

static const struct embargo_notices_callbacks notice_callbacks = {
	.file = on_file,
	.folder = on_folder,
	.mounted = on_folder,
	.unwatched = on_unwatched,
	.overflow = on_overflow,
};

static int on_work(sd_event_source *source, uint64_t due, void *context)
{
	struct embargo_inventory_file file;
	struct watch *watch = context;
	uint64_t before = now_us(), rest;
	int found;

	(void)source;
	(void)due;
	found = embargo_inventory_next(watch->inventory, &file);
	if (found > 0) {
		embargo_examiner_look(watch->examiner, file.fd, file.path,
				      EMBARGO_ORIGIN_INVENTORY);
		close(file.fd);
	}
	if (found > 0 || found == -EAGAIN) {
		rest = REST_FACTOR * (now_us() - before);
		work_after(watch, rest < REST_MOST_US ? rest : REST_MOST_US);
	} else {
		embargo_examiner_rest(watch->examiner);
	}
	return 0;
}

static int on_notice(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct watch *watch = context;
	int error = embargo_notices_read(watch->notices, fd);

	(void)events;
	if (error >= 0)
		return 0;
	embargo_speaker_say(&watch->speaker, LOG_ERR, "no more notices of written files: %s",
			    strerror(-error));
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int on_sighting(void *context, const struct embargo_sighting *sighting)
{
	struct watch *watch = context;
	char path[PATH_MAX];
	int fd;

	if (embargo_sighted_find(watch->sighted, sighting, &fd, path))
		return 0;
	serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_SIGHTING);
	close(fd);
	return 0;
}

/* Another enforcement has another ring. */
static int open_ring(struct watch *watch)
{
	embargo_ring_close(watch->ring);
	watch->ring = NULL;
	return embargo_ring_open(watch->event, on_sighting, watch, &watch->ring);
}

/* A host that starts more files than can be told of is not looked into all over again each second.
 */
static int make_up_for_lost(struct watch *watch)
{
	int made_up;

	if (!watch->ring || watch->ticks % MAKE_UP_TICKS)
		return 0;
	made_up = embargo_ring_make_up(watch->ring);
	if (made_up > 0)
		embargo_speaker_say(
			&watch->speaker, LOG_WARNING,
			"files were first run faster than they can be told of; each is told again "
			"when it runs again");
	return made_up < 0 ? made_up : 0;
}

/* Rules that look into files may come with any reload; until then nothing is watched. */
static int open_notices(struct watch *watch)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct pollfd fds[EMBARGO_NOTICES_FDS];
	size_t count;
	int error;

	error = embargo_notices_open(&notice_callbacks, watch, &watch->notices, &diagnostic);
	if (error) {
		embargo_speaker_say(&watch->speaker, LOG_ERR, "no notices of written files: %s %s",
				    diagnostic.what, diagnostic.remedy);
		watch->notices = NULL;
		add_root(watch, "/");
		return 0;
	}
	count = embargo_notices_fds(watch->notices, fds);
	for (size_t i = 0; i < count; i++) {
		error = sd_event_add_io(watch->event, NULL, fds[i].fd, (uint32_t)fds[i].events,
					on_notice, watch);
		if (error < 0)
			return error;
	}
	return embargo_notices_look(watch->notices);
}

static void write_report(const struct watch *watch)
{
	struct embargo_inventory_progress progress;

	embargo_inventory_progress(watch->inventory, &progress);
	embargo_watch_report_write(embargo_examiner_counts(watch->examiner), &progress);
}

/* The gate holds somebody's exec meanwhile. */
static int look_asked(void *context, int fd, const char *path, enum embargo_asked_lane lane)
{
	struct watch *watch = context;

	return embargo_examiner_look(watch->examiner, fd, path,
				     lane == EMBARGO_ASKED_SMALL ? EMBARGO_ORIGIN_ASKED
								 : EMBARGO_ORIGIN_LARGE);
}

static int on_asked(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	serve_gate(context);
	return 0;
}

static void open_asked(struct watch *watch)
{
	static const struct embargo_asked_callbacks callbacks = { .look = look_asked };
	struct embargo_classifier_meanwhile meanwhile = { .serve = serve_gate, .context = watch };
	sd_event_source *source = NULL;
	int error = embargo_asked_open(&callbacks, watch, &watch->asked);

	if (!error) {
		meanwhile.fd = embargo_asked_fd(watch->asked);
		error = sd_event_add_io(watch->event, &source, meanwhile.fd, EPOLLIN, on_asked,
					watch);
	}
	if (error < 0) {
		embargo_speaker_say(&watch->speaker, LOG_ERR, "the gate cannot be served: %s",
				    strerror(-error));
		return;
	}
	sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT);
	sd_event_source_set_floating(source, true);
	sd_event_source_unref(source);
	embargo_examiner_serve(watch->examiner, &meanwhile);
}

/* An administrator has just looked at it: what is known of it does not count. */
static void on_offered(void *context, int fd, const char *path)
{
	struct watch *watch = context;

	if (!embargo_sighted_is_local(watch->sighted, fd))
		return;
	serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_NOTICE);
}

static void open_offered(struct watch *watch)
{
	static const struct embargo_offered_callbacks callbacks = { .look = on_offered };
	int error = embargo_offered_open(watch->event, &callbacks, watch, &watch->offered);

	if (error)
		embargo_speaker_say(&watch->speaker, LOG_ERR,
				    "files cannot be handed to the watch: %s", strerror(-error));
}

static void renew(struct watch *watch)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };

	if (embargo_examiner_renew(watch->examiner, &diagnostic))
		embargo_speaker_say(&watch->speaker, LOG_WARNING,
				    "chains of signatures are neither good nor bad: %s",
				    diagnostic.what);
}

/* Returns -ENOENT where nothing is in force any more; @anew: all is to be examined anew. */
static int keep_up(struct watch *watch, bool *anew)
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
	refresh_owners(watch, changed);
	error = changed || !watch->ring ? open_ring(watch) : make_up_for_lost(watch);
	if (error)
		return error;
	if (!watch->notices) {
		error = open_notices(watch);
	} else if (changed || watch->is_behind) {
		watch->is_behind = false;
		embargo_notices_each_mount(watch->notices);
	} else if (watch->ticks % LOOK_TICKS == 0) {
		error = embargo_notices_look(watch->notices);
	}
	return error;
}

static int on_tick(sd_event_source *source, uint64_t now, void *context)
{
	struct watch *watch = context;
	bool anew = false;
	int error;

	(void)now;
	watch->ticks++;
	error = keep_up(watch, &anew);
	if (error)
		return sd_event_exit(watch->event, error);
	/* Not before all is ready to answer it: a gate that holds while the first mounts are looked
	 * for holds in vain. */
	tell_gate(watch, anew);
	write_report(watch);
	sd_event_source_set_time_relative(source, TICK_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int add_sources(struct watch *watch)
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
		error = sd_event_add_time_relative(watch->event, &watch->work, CLOCK_MONOTONIC, 0,
						   1, on_work, watch);
	if (error >= 0)
		error = sd_event_source_set_priority(watch->work, SD_EVENT_PRIORITY_IDLE);
	if (error >= 0)
		error = sd_event_add_time_relative(watch->event, &watch->tick, CLOCK_MONOTONIC, 0,
						   TICK_SLACK_US, on_tick, watch);
	return error < 0 ? error : 0;
}

static void clean_up(struct watch *watch)
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
	_cleanup_(clean_up) struct watch watch = { .speaker = { callbacks->say, context } };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	int error =
		embargo_examiner_open(&examiner_callbacks, &watch, &watch.examiner, &diagnostic);

	if (error)
		return error;
	if (diagnostic.what[0])
		embargo_speaker_say(&watch.speaker, LOG_WARNING, "the index: %s: %s",
				    diagnostic.file, diagnostic.what);
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
	open_asked(&watch);
	open_offered(&watch);
	return sd_event_loop(watch.event);
}
