// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo events`: what was denied or would have been, from the journal or out of the ring. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/base/presence.h"
#include "loader/cli/commands.h"
#include "loader/enact/grounds.h"
#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "loader/event/from_journal.h"
#include "loader/event/repeat.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"

/* How long one wait on the ring may last: a daemon that has started by then takes it over. */
static const struct timespec ring_wait = { .tv_sec = 1 };

struct options {
	bool follow;
	bool json;
	int64_t since;
};

struct output {
	const struct options *options;
	struct embargo_cgroup_cache cgroups;
	struct embargo_repeat_cache repeats;
	struct embargo_grounds *grounds;
	struct embargo_event *repeated;
	unsigned long long bad_records;
};

/* Asked to end: what is held back is told first. */
static volatile sig_atomic_t is_stopped;
static const int stops[] = { SIGINT, SIGTERM };

static const struct embargo_option table[] = {
	{ .name = "follow",
	  .letter = 'f',
	  .summary = "go on with what happens from now on",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, follow) },
	{ .name = "json",
	  .summary = "print one JSON object a line",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "since",
	  .argument = "TIME",
	  .summary = "only what was told at TIME or later; needs the journal",
	  .type = EMBARGO_OPTION_TIME,
	  .offset = offsetof(struct options, since) },
	EMBARGO_OPTIONS_END,
};

static void free_output(struct output **output)
{
	if (!*output)
		return;
	embargo_repeat_forget(&(*output)->repeats);
	embargo_grounds_close((*output)->grounds);
	free((*output)->repeated);
	free(*output);
}

static struct output *make_output(const struct options *options)
{
	_cleanup_(free_output) struct output *output = calloc(1, sizeof(*output));

	if (!output)
		return NULL;
	output->options = options;
	output->repeated = embargo_event_new();
	return output->repeated ? TAKE_PTR(output) : NULL;
}

/* In a terminal, a person wants to know where this comes from; a program does not. */
static void tell_source(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "embargo: %s\n", what);
}

static int print_event(const struct output *output, const struct embargo_event *event,
		       const struct embargo_event_findings *findings)
{
	struct embargo_line line;
	char time[EMBARGO_TIME_TEXT];

	if (output->options->json) {
		_cleanup_json_ json_t *object = embargo_format_json(event, findings);

		if (!object)
			return -ENOMEM;
		embargo_json_print_line(object, stdout);
	} else {
		embargo_format_report(event, &line);
		printf("%s %s\n", embargo_time_format(event->time, time, sizeof(time)), line.text);
	}
	return fflush(stdout) ? -errno : 0;
}

static int print_named(struct output *output, const struct embargo_event *event)
{
	char identity[EMBARGO_GROUNDS_TEXT];
	const struct embargo_event_findings findings = {
		embargo_cgroup_name(&output->cgroups, event->cgroup, event->pid, event->ppid),
		embargo_grounds_of_event(&output->grounds, event, identity),
	};

	return print_event(output, event, &findings);
}

static int print_record(void *context, const struct embargo_event *record, size_t size)
{
	const struct embargo_event *event;
	struct output *output = context;

	if (embargo_event_check(record, size, &event)) {
		output->bad_records++;
		return 0;
	}
	embargo_repeat_remember(&output->repeats, event);
	return print_named(output, event);
}

static int print_repetition(void *context, const struct embargo_recent_key *key,
			    const struct embargo_reason *reason,
			    const struct embargo_permit *waiver, uint64_t count)
{
	struct output *output = context;

	embargo_repeat_tell(&output->repeats, key, reason, waiver, count, embargo_clock_now(),
			    output->repeated);
	return print_named(output, output->repeated);
}

static void stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

/* The signals that end the reading come only while it waits; @before is the mask from before. */
static void hold_stops(sigset_t *before)
{
	const struct sigaction action = { .sa_handler = stop };
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		sigaddset(&held, stops[i]);
	sigprocmask(SIG_BLOCK, &held, before);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		sigaction(stops[i], &action, NULL);
}

static void release_stops(const sigset_t *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		signal(stops[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static int wait_for_ring(struct embargo_enforcement *enforcement, const sigset_t *mask)
{
	struct pollfd ring = { .fd = embargo_enforcement_events_fd(enforcement), .events = POLLIN };

	return ppoll(&ring, 1, &ring_wait, mask) < 0 && errno != EINTR ? -errno : 0;
}

/*
 * Takes out what is there, and holds the ring only so long: two readers would tear records, and a
 * daemon must never be kept from starting. Repetitions are told when they are due, or all of them
 * at the @end. -EBUSY: a daemon has it now.
 */
static int read_ring(struct embargo_enforcement *enforcement, int *lock, bool end,
		     struct output *output)
{
	int error;

	if (embargo_presence_holder(EMBARGO_PRESENCE_DAEMON))
		return -EBUSY;
	error = embargo_presence_claim(EMBARGO_PRESENCE_READER, lock);
	if (error)
		return error == -EAGAIN ? -EBUSY : error;
	error = embargo_enforcement_events_read(enforcement, print_record, output);
	if (error >= 0)
		error = embargo_enforcement_recent_read(enforcement, end, print_repetition, output);
	embargo_presence_release(EMBARGO_PRESENCE_READER, *lock);
	return error < 0 ? error : 0;
}

static int follow_ring(struct embargo_enforcement *enforcement, struct output *output)
{
	_cleanup_close_ int lock = -1;
	sigset_t before;
	int error;

	if (!output->options->follow)
		return read_ring(enforcement, &lock, true, output);
	hold_stops(&before);
	error = read_ring(enforcement, &lock, false, output);
	while (!error && !is_stopped) {
		error = wait_for_ring(enforcement, &before);
		if (!error)
			error = read_ring(enforcement, &lock, is_stopped, output);
	}
	release_stops(&before);
	return error;
}

static int print_journal(struct output *output)
{
	_cleanup_(embargo_journal_reader_cleanup) struct embargo_journal_reader *reader = NULL;
	_cleanup_free_
	struct embargo_event *event = embargo_event_new();
	struct embargo_journal_findings found_out;
	const struct embargo_event_findings findings = { found_out.cgroup, found_out.identity };
	int found;

	if (!event)
		return -ENOMEM;
	found = embargo_journal_reader_open(output->options->since, &reader);
	if (found)
		return found;
	tell_source("from the journal");
	for (;;) {
		while ((found = embargo_journal_reader_next(reader, event, &found_out)) > 0) {
			found = print_event(output, event, &findings);
			if (found)
				return found;
		}
		if (found || !output->options->follow)
			return found;
		found = embargo_journal_reader_wait(reader);
		if (found)
			return found;
	}
}

static int refuse_journal(int error)
{
	if (error == -ENOENT)
		embargo_log_error("events",
				  "there is no journal here; where no daemon runs, `embargo "
				  "events` without --since reads the ring");
	else if (error == -EACCES)
		embargo_log_error("events",
				  "this user may not read the journal; run as root or join "
				  "the group systemd-journal");
	else
		embargo_log_error("journal", "%s", strerror(-error));
	return EMBARGO_EXIT_FAILURE;
}

/* Where a daemon runs, the ring is its own. Without one only root can open the ring. */
static bool ring_is_ours(const struct options *options)
{
	return options->since == INT64_MIN && !geteuid() &&
	       embargo_presence_holder(EMBARGO_PRESENCE_DAEMON) <= 0;
}

static int print_ring(struct output *output)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_enforcement *enforcement;
	int error = embargo_enforcement_open(&enforcement, &diagnostic);

	if (error)
		return error;
	tell_source("out of the ring, as no daemon runs; what is shown is taken out");
	error = follow_ring(enforcement, output);
	embargo_enforcement_close(enforcement);
	if (error == -EBUSY)
		tell_source("a daemon or another reader has the ring now");
	return error;
}

int embargo_cmd_events(int argc, char **argv)
{
	struct options options = { .since = INT64_MIN };
	_cleanup_(free_output) struct output *output = make_output(&options);
	int status = embargo_options_parse(&embargo_verb_events, &argc, &argv, &options);
	int error = -ENOENT;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_events, argv[0]);
	if (!output)
		return refuse_journal(-ENOMEM);
	if (ring_is_ours(&options))
		error = print_ring(output);
	if (error == -ENOENT || error == -EBUSY)
		error = print_journal(output);
	if (output->bad_records)
		embargo_log_error("events", "%llu records of the ring were no events",
				  output->bad_records);
	return error ? refuse_journal(error) : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_events = {
	.name = "events",
	.summary = "print what was denied or would have been",
	.details = "Reads the journal. Where no daemon runs, root reads the ring of what `embargo "
		   "load` "
		   "put in force,\nand what is read is taken out.",
	.options = table,
	.run = embargo_cmd_events,
};
