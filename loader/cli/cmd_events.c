// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo events`: what was denied or would have been, from the journal or out of the ring. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/daemon/presence.h"
#include "loader/event/format.h"
#include "loader/event/format_json.h"
#include "loader/event/from_journal.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"

/* How long one wait on the ring may last: a daemon that has started by then takes it over. */
#define RING_WAIT_MS 1000

struct options {
	bool follow;
	bool json;
	int64_t since;
};

struct output {
	const struct options *options;
	struct embargo_cgroup_cache cgroups;
	unsigned long long bad_records;
};

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

/* In a terminal, a person wants to know where this comes from; a program does not. */
static void tell_source(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "embargo: %s\n", what);
}

static int print_event(const struct output *output, const struct embargo_event *event,
		       const char *cgroup)
{
	struct embargo_line line;
	char time[EMBARGO_TIME_TEXT];

	if (output->options->json) {
		_cleanup_json_ json_t *object = embargo_format_json(event, cgroup);

		if (!object)
			return -ENOMEM;
		embargo_json_print_line(object, stdout);
	} else {
		embargo_format_report(event, &line);
		printf("%s %s\n", embargo_time_format(event->time, time, sizeof(time)), line.text);
	}
	return fflush(stdout) ? -errno : 0;
}

static int print_record(void *context, const struct embargo_event *record, size_t size)
{
	const struct embargo_event *event;
	struct output *output = context;

	if (embargo_event_check(record, size, &event)) {
		output->bad_records++;
		return 0;
	}
	return print_event(output, event,
			   embargo_cgroup_name(&output->cgroups, event->cgroup, event->pid,
					       event->ppid));
}

static int wait_for_ring(struct embargo_enforcement *enforcement)
{
	struct pollfd ring = { .fd = embargo_enforcement_events_fd(enforcement), .events = POLLIN };

	return poll(&ring, 1, RING_WAIT_MS) < 0 && errno != EINTR ? -errno : 0;
}

/*
 * Takes out what is there, and holds the ring only so long: two readers would tear records, and a
 * daemon must never be kept from starting. -EBUSY: a daemon has it now.
 */
static int read_ring(struct embargo_enforcement *enforcement, int *lock, struct output *output)
{
	int error;

	if (embargo_presence_holder(EMBARGO_PRESENCE_DAEMON))
		return -EBUSY;
	error = embargo_presence_claim(EMBARGO_PRESENCE_READER, lock);
	if (error)
		return error == -EAGAIN ? -EBUSY : error;
	error = embargo_enforcement_events_read(enforcement, print_record, output);
	embargo_presence_release(EMBARGO_PRESENCE_READER, *lock);
	return error < 0 ? error : 0;
}

static int follow_ring(struct embargo_enforcement *enforcement, struct output *output)
{
	_cleanup_close_ int lock = -1;
	int error = read_ring(enforcement, &lock, output);

	while (!error && output->options->follow) {
		error = wait_for_ring(enforcement);
		if (!error)
			error = read_ring(enforcement, &lock, output);
	}
	return error;
}

static int print_journal(struct output *output)
{
	_cleanup_(embargo_journal_reader_cleanup) struct embargo_journal_reader *reader = NULL;
	_cleanup_free_
	struct embargo_event *event = embargo_event_new();
	char cgroup[EMBARGO_CGROUP_TEXT];
	int found;

	if (!event)
		return -ENOMEM;
	found = embargo_journal_reader_open(output->options->since, &reader);
	if (found)
		return found;
	tell_source("from the journal");
	for (;;) {
		while ((found = embargo_journal_reader_next(reader, event, cgroup)) > 0) {
			found = print_event(output, event, cgroup);
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
	_cleanup_free_
	struct output *output = calloc(1, sizeof(*output));
	int status = embargo_options_parse(&embargo_verb_events, &argc, &argv, &options);
	int error = -ENOENT;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_events, argv[0]);
	if (!output)
		return refuse_journal(-ENOMEM);
	output->options = &options;
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
