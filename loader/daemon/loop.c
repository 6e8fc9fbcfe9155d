// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop: events as they come, the clock as it is set, everything else every two seconds. */
#include "loader/daemon/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <syslog.h>
#include <systemd/sd-event.h>

#include "loader/base/cleanup.h"
#include "loader/daemon/expiry.h"
#include "loader/daemon/guarding.h"
#include "loader/daemon/manager.h"
#include "loader/daemon/terminals.h"
#include "loader/daemon/timekeeping.h"
#include "loader/event/repeat.h"
#include "loader/event/to_journal.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"

#define TICK_US	      2000000
#define TICK_SLACK_US 500000 /* lets the kernel wake us together with others */

/* How often the floor is persisted: what a power cut may take off it. */
#define FLOOR_TICKS 30

static const int stops[] = { SIGTERM, SIGINT };

struct embargo_loop {
	struct embargo_reporter *reporter;
	struct embargo_terminals *terminals; /* NULL: the host's setting leaves them alone */
	struct embargo_enforcement *enforcement;
	ino_t pins; /* of the folder that @enforcement was opened from */
	sd_event *event;
	sd_event_source *ring;
	unsigned int ticks;
	uint64_t generation;
	uint64_t lost;	      /* events of denials and audits, told */
	uint64_t repetitions; /* told */
	bool is_announced;    /* the service manager knows that all is ready */
	bool is_unreachable;  /* told that the pins cannot be reached */
	bool is_left_behind;  /* told that the newer enforcement cannot be opened */
	bool refused_record;  /* told that a record was none */
	struct embargo_timekeeping timekeeping;
	struct embargo_expiry expiry;
	struct embargo_guarding guarding;
	struct embargo_event *repeated;
	struct embargo_repeat_cache repeats;
};

static void tell(struct embargo_loop *loop, const struct embargo_event *event)
{
	embargo_reporter_event(loop->reporter, event);
	if (loop->terminals)
		embargo_terminals_tell(loop->terminals, event);
}

static int take_event(void *context, const struct embargo_event *record, size_t size)
{
	const struct embargo_event *event;
	struct embargo_loop *loop = context;

	if (embargo_event_check(record, size, &event)) {
		if (!loop->refused_record)
			embargo_reporter_say(loop->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
					     "a record of %zu bytes in the ring is no event", size);
		loop->refused_record = true;
		return 0;
	}
	loop->repetitions += event->count - 1;
	embargo_repeat_remember(&loop->repeats, event);
	tell(loop, event);
	return 0;
}

static int take_repetition(void *context, const struct embargo_recent_key *key,
			   const struct embargo_reason *reason, const struct embargo_permit *waiver,
			   uint64_t count)
{
	struct embargo_loop *loop = context;

	loop->repetitions += count;
	embargo_repeat_tell(&loop->repeats, key, reason, waiver, count, embargo_clock_now(),
			    loop->repeated);
	tell(loop, loop->repeated);
	return 0;
}

static int on_ring(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct embargo_loop *loop = context;

	(void)source;
	(void)fd;
	(void)events;
	embargo_enforcement_events_read(loop->enforcement, take_event, loop);
	return 0;
}

static void refresh_clock(struct embargo_loop *loop)
{
	embargo_timekeeping_refresh(&loop->timekeeping, loop->reporter, loop->enforcement);
}

static int on_clock_set(sd_event_source *source, int fd, uint32_t events, void *context)
{
	uint64_t expired;

	(void)source;
	(void)events;
	if (read(fd, &expired, sizeof(expired)) < 0 && errno == ECANCELED)
		refresh_clock(context);
	return embargo_timekeeping_arm(fd);
}

static void tell_lost(struct embargo_loop *loop, const uint64_t *totals)
{
	uint64_t lost = totals[EMBARGO_COUNTER_LOST_DENIALS] + totals[EMBARGO_COUNTER_LOST_AUDITS];

	if (lost > loop->lost)
		embargo_reporter_say(loop->reporter, LOG_WARNING, EMBARGO_MESSAGE_LOST,
				     "%" PRIu64 " events were lost, as they came faster than they "
				     "could be told; their verdicts stood",
				     lost - loop->lost);
	loop->lost = lost;
}

static void tell_generation(struct embargo_loop *loop, const uint64_t *totals)
{
	struct embargo_generation head;

	if (embargo_enforcement_head(loop->enforcement, &head))
		return;
	embargo_manager_tell("STATUS=Enforcing generation %" PRIu64
			     ": %u digests, %u path rules' components; "
			     "%" PRIu64 " denied, %" PRIu64 " audited.",
			     (uint64_t)head.number, head.digest_count, head.path_count,
			     totals[EMBARGO_COUNTER_DENIED], totals[EMBARGO_COUNTER_AUDITED]);
	if (loop->generation && head.number != loop->generation)
		embargo_reporter_say(loop->reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
				     "generation %" PRIu64 " is in force", (uint64_t)head.number);
	loop->generation = head.number;
}

/* Is the BPF file system where it was? It may be covered by another mount, and what is pinned goes
 * on. */
static bool is_reachable(void)
{
	struct statfs status;

	return !statfs(EMBARGO_PIN_ROOT, &status) && status.f_type == BPF_FS_MAGIC;
}

/* 0: nothing is. What cannot be told just now is as it was. */
static ino_t pinned(const struct embargo_loop *loop)
{
	struct stat status;

	if (stat(EMBARGO_PIN_DIR, &status))
		return errno == ENOENT && is_reachable() ? 0 : loop->pins;
	return status.st_ino;
}

static void tell_unreachable(struct embargo_loop *loop)
{
	bool is_unreachable = !is_reachable();

	if (is_unreachable && !loop->is_unreachable)
		embargo_reporter_say(
			loop->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
			"the BPF file system at " EMBARGO_PIN_ROOT
			" is covered or gone: if it was unmounted, nothing is in force "
			"any more; mount it, and start the daemon again");
	loop->is_unreachable = is_unreachable;
}

static int watch_ring(struct embargo_loop *loop)
{
	return sd_event_add_io(loop->event, &loop->ring,
			       embargo_enforcement_events_fd(loop->enforcement), EPOLLIN, on_ring,
			       loop);
}

/* Somebody started another enforcement in the place of ours: read the last of the old, then go on
 * with the new. */
static int follow(struct embargo_loop *loop, ino_t pins)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_enforcement *next;
	int error = embargo_enforcement_open(&next, &diagnostic);

	if (error)
		return error;
	embargo_enforcement_events_read(loop->enforcement, take_event, loop);
	loop->ring = sd_event_source_disable_unref(loop->ring);
	embargo_enforcement_close(loop->enforcement);
	loop->enforcement = next;
	loop->pins = pins;
	loop->lost = loop->repetitions = 0;
	return watch_ring(loop);
}

/* What passes: the next tick finds it better. */
static bool is_want(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -EAGAIN;
}

/* Returns whether there is anything to report about any more. */
static bool keep_up(struct embargo_loop *loop)
{
	ino_t pins = pinned(loop);
	int error;

	if (pins == loop->pins)
		return true;
	error = pins ? follow(loop, pins) : -ENOENT;
	if (!error) {
		embargo_reporter_say(loop->reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
				     "another process has put a new enforcement in the place of "
				     "the old; reporting goes on with it");
		loop->is_left_behind = false;
		return true;
	}
	if (is_want(error)) {
		if (!loop->is_left_behind)
			embargo_reporter_say(loop->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
					     "another process has put a new enforcement in the "
					     "place of the old, of which nothing can be told yet: "
					     "%s; it is tried again",
					     strerror(-error));
		loop->is_left_behind = true;
		return true;
	}
	embargo_reporter_say(loop->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
			     "enforcement was taken away by another process; the daemon ends");
	return false;
}

static int on_tick(sd_event_source *source, uint64_t now, void *context)
{
	uint64_t totals[EMBARGO_COUNTER_COUNT] = { 0 };
	struct embargo_loop *loop = context;

	(void)now;
	if (!keep_up(loop))
		return sd_event_exit(loop->event, 1);
	if (!embargo_enforcement_counters(loop->enforcement, totals)) {
		tell_lost(loop, totals);
		tell_generation(loop, totals);
		if (totals[EMBARGO_COUNTER_COALESCED] > loop->repetitions)
			embargo_enforcement_recent_read(loop->enforcement, false, take_repetition,
							loop);
	}
	tell_unreachable(loop);
	if (!loop->is_announced)
		loop->is_announced = !embargo_manager_tell("READY=1");
	embargo_manager_tell_alive();
	embargo_timekeeping_tell(&loop->timekeeping, loop->reporter, loop->enforcement);
	embargo_guarding_tell(&loop->guarding, loop->reporter);
	embargo_expiry_tell(&loop->expiry, loop->reporter, embargo_clock_now());
	if (++loop->ticks % FLOOR_TICKS == 0)
		refresh_clock(loop);
	sd_event_source_set_time_relative(source, TICK_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct embargo_loop *loop = context;

	(void)source;
	(void)info;
	embargo_reporter_say(loop->reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
			     "a hang-up signal changes nothing; `embargo reload` puts changed "
			     "policies in force");
	return 0;
}

int embargo_loop_hold_signals(void)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGHUP);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(&held, stops[i]);
	return sigprocmask(SIG_BLOCK, &held, NULL) ? -errno : 0;
}

static int add_signals(struct embargo_loop *loop)
{
	int error = sd_event_add_signal(loop->event, NULL, SIGHUP, on_hangup, loop);

	for (size_t i = 0; i < ARRAY_SIZE(stops) && error >= 0; i++)
		error = sd_event_add_signal(loop->event, NULL, stops[i], NULL, NULL);
	return error;
}

static int add_sources(struct embargo_loop *loop)
{
	int error = add_signals(loop);

	if (error >= 0)
		error = watch_ring(loop);
	if (error >= 0)
		error = sd_event_add_time_relative(loop->event, NULL, CLOCK_MONOTONIC, 0,
						   TICK_SLACK_US, on_tick, loop);
	if (error >= 0)
		error = embargo_timekeeping_arm(loop->timekeeping.timer);
	if (error >= 0)
		error = sd_event_add_io(loop->event, NULL, loop->timekeeping.timer, EPOLLIN,
					on_clock_set, loop);
	return error < 0 ? error : 0;
}

static void cleanup_loop(struct embargo_loop **loop)
{
	embargo_loop_free(*loop);
}

int embargo_loop_create(struct embargo_reporter *reporter, bool to_terminal,
			struct embargo_loop **loop, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_loop) struct embargo_loop *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->reporter = reporter;
	made->timekeeping.timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	made->repeated = embargo_event_new();
	made->pins = pinned(made);
	error = embargo_enforcement_open(&made->enforcement, diagnostic);
	if (error)
		return error;
	if (made->timekeeping.timer < 0 || !made->repeated || sd_event_new(&made->event) < 0)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "the loop cannot be set up");
	error = add_sources(made);
	if (!error && to_terminal)
		error = embargo_terminals_create(made->event, &made->terminals);
	if (error)
		return embargo_diagnostic_what(diagnostic, error, "the loop cannot be set up: %s",
					       strerror(-error));
	*loop = TAKE_PTR(made);
	return 0;
}

void embargo_loop_free(struct embargo_loop *loop)
{
	if (!loop)
		return;
	sd_event_source_disable_unref(loop->ring);
	embargo_terminals_free(loop->terminals);
	sd_event_unref(loop->event);
	if (loop->timekeeping.timer >= 0)
		close(loop->timekeeping.timer);
	embargo_enforcement_close(loop->enforcement);
	embargo_repeat_forget(&loop->repeats);
	free(loop->repeated);
	free(loop);
}

int embargo_loop_run(struct embargo_loop *loop)
{
	int result = sd_event_loop(loop->event);

	embargo_enforcement_events_read(loop->enforcement, take_event, loop);
	embargo_enforcement_recent_read(loop->enforcement, true, take_repetition, loop);
	refresh_clock(loop);
	return result;
}
