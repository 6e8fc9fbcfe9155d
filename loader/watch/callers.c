// SPDX-License-Identifier: GPL-2.0-or-later
/* Who calls on the watch: the gate, which holds somebody's execution, and administrators' verbs. */
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>

#include "loader/classify/classifier.h"
#include "loader/watch/parts.h"

void embargo_watch_tell_gate(struct embargo_watch *watch, bool changed)
{
	if (watch->asked)
		embargo_asked_tell(
			watch->asked,
			embargo_learner_is_needed(embargo_examiner_learner(watch->examiner)),
			changed);
}

/* What the gate passes over, it does not ask about: a file that takes long must not keep it from
 * hearing of other rules. */
static void follow_for_gate(struct embargo_watch *watch)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	bool changed;

	if (embargo_watch_now_us() < watch->followed_us + EMBARGO_WATCH_TICK_US)
		return;
	watch->followed_us = embargo_watch_now_us();
	if (embargo_learner_follow(embargo_examiner_learner(watch->examiner), &changed, &ignored) ||
	    !changed)
		return;
	embargo_watch_take_up(watch);
	embargo_watch_tell_gate(watch, true);
}

void embargo_watch_serve_gate(void *context)
{
	struct embargo_watch *watch = context;

	if (!watch->asked)
		return;
	follow_for_gate(watch);
	embargo_asked_serve(watch->asked);
}

/* The gate holds somebody's exec meanwhile. */
static int look_asked(void *context, int fd, const char *path, enum embargo_asked_lane lane)
{
	struct embargo_watch *watch = context;

	return embargo_examiner_look(watch->examiner, fd, path,
				     lane == EMBARGO_ASKED_SMALL ? EMBARGO_ORIGIN_ASKED
								 : EMBARGO_ORIGIN_LARGE);
}

static int on_asked(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	embargo_watch_serve_gate(context);
	return 0;
}

static void open_asked(struct embargo_watch *watch)
{
	static const struct embargo_asked_callbacks callbacks = { .look = look_asked };
	struct embargo_classifier_meanwhile meanwhile = { .serve = embargo_watch_serve_gate,
							  .context = watch };
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
	struct embargo_watch *watch = context;

	if (!embargo_sighted_is_local(watch->sighted, fd))
		return;
	embargo_watch_serve_gate(watch);
	embargo_examiner_look(watch->examiner, fd, path, EMBARGO_ORIGIN_NOTICE);
}

static void open_offered(struct embargo_watch *watch)
{
	static const struct embargo_offered_callbacks callbacks = { .look = on_offered };
	int error = embargo_offered_open(watch->event, &callbacks, watch, &watch->offered);

	if (error)
		embargo_speaker_say(&watch->speaker, LOG_ERR,
				    "files cannot be handed to the watch: %s", strerror(-error));
}

void embargo_watch_open_callers(struct embargo_watch *watch)
{
	open_asked(watch);
	open_offered(watch);
}
