// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the files come from that are looked into: packages, the inventory, notices, sightings. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "loader/base/file.h"
#include "loader/watch/parts.h"

/* Mounts of other namespaces tell nobody. */
#define LOOK_TICKS 5

/* Sightings that were lost are made up for no more often. */
#define MAKE_UP_TICKS 10

/* The inventory takes a quarter of a processor at most: after each file it rests for thrice as
 * long. */
#define REST_FACTOR  3
#define REST_MOST_US 2000000

/* The next step of the inventory, @after_us from now. */
static void work_after(struct embargo_watch *watch, uint64_t after_us)
{
	sd_event_source_set_time_relative(watch->work, after_us);
	sd_event_source_set_enabled(watch->work, SD_EVENT_ONESHOT);
}

static void add_root(struct embargo_watch *watch, const char *path)
{
	int error = embargo_inventory_add(watch->inventory, path);

	if (error && error != -ENOENT)
		embargo_speaker_say(&watch->speaker, LOG_WARNING, "%s cannot be inventoried: %s",
				    path, strerror(-error));
	work_after(watch, 0);
}

/* Somebody has just installed it, and may run it next: it does not wait behind the inventory. */
static void on_owned(void *context, const char *path)
{
	struct embargo_watch *watch = context;
	int fd;

	if (embargo_file_open(path, &fd, NULL))
		return;
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_SIGHTING);
	close(fd);
	embargo_watch_serve_gate(watch);
}

static void refresh_owners(struct embargo_watch *watch, bool is_new_set)
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

static void on_file(void *context, int fd, const char *path)
{
	struct embargo_watch *watch = context;

	embargo_watch_serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_NOTICE);
	close(fd);
}

static void on_folder(void *context, const char *path)
{
	add_root(context, path);
}

static void on_unwatched(void *context, const char *path, const char *type, int error)
{
	struct embargo_watch *watch = context;

	embargo_speaker_say(&watch->speaker, LOG_WARNING,
			    "files written to %s (%s) are seen only when they are first run: %s",
			    path, type, strerror(-error));
	add_root(watch, path);
}

static void on_overflow(void *context)
{
	struct embargo_watch *watch = context;

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
	struct embargo_watch *watch = context;
	uint64_t before = embargo_watch_now_us(), rest;
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
		rest = REST_FACTOR * (embargo_watch_now_us() - before);
		work_after(watch, rest < REST_MOST_US ? rest : REST_MOST_US);
	} else {
		embargo_examiner_rest(watch->examiner);
	}
	return 0;
}

static int on_notice(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct embargo_watch *watch = context;
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
	struct embargo_watch *watch = context;
	char path[PATH_MAX];
	int fd;

	if (embargo_sighted_find(watch->sighted, sighting, &fd, path))
		return 0;
	embargo_watch_serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_SIGHTING);
	close(fd);
	return 0;
}

/* Another enforcement has another ring. */
static int open_ring(struct embargo_watch *watch)
{
	embargo_ring_close(watch->ring);
	watch->ring = NULL;
	return embargo_ring_open(watch->event, on_sighting, watch, &watch->ring);
}

/* A host that starts more files than can be told of is not looked into all over again each second.
 */
static int make_up_for_lost(struct embargo_watch *watch)
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
static int open_notices(struct embargo_watch *watch)
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

int embargo_watch_open_work(struct embargo_watch *watch)
{
	int error = sd_event_add_time_relative(watch->event, &watch->work, CLOCK_MONOTONIC, 0, 1,
					       on_work, watch);

	if (error >= 0)
		error = sd_event_source_set_priority(watch->work, SD_EVENT_PRIORITY_IDLE);
	return error < 0 ? error : 0;
}

int embargo_watch_hear(struct embargo_watch *watch, bool is_new)
{
	int error;

	refresh_owners(watch, is_new);
	error = is_new || !watch->ring ? open_ring(watch) : make_up_for_lost(watch);
	if (error)
		return error;
	if (!watch->notices)
		return open_notices(watch);
	if (is_new || watch->is_behind) {
		watch->is_behind = false;
		embargo_notices_each_mount(watch->notices);
		return 0;
	}
	return watch->ticks % LOOK_TICKS ? 0 : embargo_notices_look(watch->notices);
}
