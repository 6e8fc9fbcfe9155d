// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo gate`: opens the gate for good, takes that back, and says how it stands. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/base/presence.h"
#include "loader/cli/commands.h"
#include "loader/json/json.h"
#include "loader/status/gate.h"

/* For a gate that was sent SIGKILL: longer only where it waits for a disk. */
#define END_TENTHS 50

struct status_options {
	bool json;
};

static const struct embargo_option status_table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct status_options, json) },
	EMBARGO_OPTIONS_END,
};

/* Ends @gate, and with it what it holds. Not by its number alone, which may be another's by now. */
static int end_gate(pid_t gate)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	_cleanup_close_ int fd = pidfd_open(gate, 0);

	if (fd < 0)
		return errno == ESRCH ? 0 : -errno;
	if (embargo_presence_holder(EMBARGO_PRESENCE_GATE) != gate)
		return 0;
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0))
		return errno == ESRCH ? 0 : -errno;
	for (int i = 0; i < END_TENTHS; i++) {
		if (embargo_presence_holder(EMBARGO_PRESENCE_GATE) != gate)
			return 0;
		nanosleep(&tenth, NULL);
	}
	return -ETIMEDOUT;
}

/* The word first: no other is started then. A watchdog that is stopped is not asked. */
static int open_gate(void)
{
	int fd = open(EMBARGO_GATE_OFF_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	int word = fd < 0 && errno != ENOENT ? -errno : 0; /* ENOENT: embargo never ran */
	pid_t gate;
	int error;

	if (fd >= 0)
		close(fd);
	gate = embargo_presence_holder(EMBARGO_PRESENCE_GATE);
	error = gate > 0 ? end_gate(gate) : gate;
	if (error)
		embargo_log_error("gate", "cannot be opened: %s; stop embargo-gate.service",
				  strerror(-error));
	else if (word)
		embargo_log_error(EMBARGO_GATE_OFF_FILE,
				  "cannot be written: %s; the gate is open, but not for long",
				  strerror(-word));
	return error || word ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

/* For the verbs that take no operand and no option. */
static int parse_nothing(const struct embargo_verb *verb, int argc, char **argv)
{
	int status = embargo_options_parse(verb, &argc, &argv, NULL);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	return argc ? embargo_options_refuse(verb, argv[0]) : EMBARGO_OPTIONS_PARSED;
}

static const struct embargo_verb verb_on, verb_off, verb_status;

static int run_on(int argc, char **argv)
{
	int status = parse_nothing(&verb_on, argc, argv);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!unlink(EMBARGO_GATE_OFF_FILE) || errno == ENOENT)
		return EMBARGO_EXIT_YES;
	embargo_log_error(EMBARGO_GATE_OFF_FILE, "cannot be removed: %s", strerror(errno));
	return EMBARGO_EXIT_FAILURE;
}

static int run_off(int argc, char **argv)
{
	int status = parse_nothing(&verb_off, argc, argv);

	return status != EMBARGO_OPTIONS_PARSED ? status : open_gate();
}

static void print_text(const struct embargo_gate_report *report)
{
	printf("gate        %s\n", embargo_gate_state_text(report->state));
	if (report->process)
		printf("process     %d\n", report->process);
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		printf("%-18s  %" PRIu64 "\n", embargo_gate_count_name(i), report->counts[i]);
}

static int print_json(const struct embargo_gate_report *report)
{
	_cleanup_json_ json_t *object = embargo_gate_report_to_json(report);

	return object ? embargo_json_print(object, stdout) : -ENOMEM;
}

static int run_status(int argc, char **argv)
{
	struct status_options options = { 0 };
	struct embargo_gate_report report = { .process = 0 };
	int status = embargo_options_parse(&verb_status, &argc, &argv, &options);
	int error;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&verb_status, argv[0]);
	error = embargo_gate_report_read(&report);
	if (error && error != -ENOENT) {
		embargo_log_error(EMBARGO_GATE_FILE, "cannot be read: %s", strerror(-error));
		return EMBARGO_EXIT_FAILURE;
	}
	if (options.json)
		print_json(&report);
	else
		print_text(&report);
	return report.state == EMBARGO_GATE_STATE_HOLDING ? EMBARGO_EXIT_YES : EMBARGO_EXIT_NO;
}

static const struct embargo_verb verb_on = {
	.name = "gate on",
	.summary = "let the gate hold again, after `gate off`",
	.run = run_on,
};

static const struct embargo_verb verb_off = {
	.name = "gate off",
	.summary = "open the gate at once, until `gate on` or the next boot",
	.run = run_off,
};

static const struct embargo_verb verb_status = {
	.name = "gate status",
	.summary = "say whether the gate holds, and how it goes",
	.details = "Exits with 1 where it does not hold.",
	.options = status_table,
	.run = run_status,
};

static const struct embargo_verb *const verbs[] = { &verb_on, &verb_off, &verb_status, NULL };

const struct embargo_verb embargo_verb_gate = {
	.name = "gate",
	.operands = "on|off|status",
	.summary = "the hold of each first execution, until the file was examined",
	.verbs = verbs,
};
