// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo floor`: the earliest that "now" may be, shown or taken back. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/enact/last.h"
#include "loader/json/json.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/time.h"

struct options {
	bool reset;
	bool json;
};

static const struct embargo_option table[] = {
	{ .name = "reset",
	  .summary = "take the floor back to this build's date, or the synchronised clock",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, reset) },
	{ .name = "json",
	  .summary = "an object, for programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static void close_enforcement(struct embargo_enforcement **enforcement)
{
	embargo_enforcement_close(*enforcement);
}

/* The floor that holds: the persisted one, or the running kernel half's where that may be read. */
static void read_floor(struct embargo_floor *floor)
{
	_cleanup_(close_enforcement) struct embargo_enforcement *enforcement = NULL;
	struct embargo_diagnostic diagnostic = {};
	struct embargo_clock clock;
	struct timespec boot;
	int64_t ns;

	embargo_floor_read(floor);
	if (embargo_enforcement_open(&enforcement, &diagnostic) ||
	    embargo_enforcement_clock(enforcement, &clock))
		return;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	ns = clock.base + boot.tv_sec * EMBARGO_SECOND_NS + boot.tv_nsec;
	if (ns > floor->ns)
		floor->ns = ns;
}

static int print_json(const struct embargo_floor *floor, int64_t now)
{
	_cleanup_json_ json_t *object = json_object();
	int failed = embargo_json_set_time(object, "floor", floor->ns);

	failed |= embargo_json_set_time(object, "now", now);
	failed |= embargo_json_set(object, "behind", json_boolean(floor->behind));
	return failed || embargo_json_print(object, stdout) ? EMBARGO_EXIT_FAILURE
							    : EMBARGO_EXIT_YES;
}

static int print_floor(bool json)
{
	char text[EMBARGO_TIME_TEXT];
	struct embargo_floor floor;
	int64_t now = embargo_clock_now();

	read_floor(&floor);
	if (now < floor.ns)
		now = floor.ns;
	if (json)
		return print_json(&floor, now);
	printf("floor  %s\n", embargo_time_format(floor.ns, text, sizeof(text)));
	printf("now    %s\n", embargo_time_format(now, text, sizeof(text)));
	if (floor.behind)
		puts("The clock was seen below the floor: deny-new means deny.");
	return EMBARGO_EXIT_YES;
}

/* Writes a floor of nothing, lets that rise as a start would, and hands it to what enforces. */
static int reset_floor(void)
{
	_cleanup_(close_enforcement) struct embargo_enforcement *enforcement = NULL;
	struct embargo_diagnostic diagnostic = {};
	struct embargo_floor floor = {};
	struct embargo_clock clock;
	int error = embargo_floor_write(&floor);

	if (!error) {
		embargo_clock_start(INT64_MIN, &clock, &floor);
		error = embargo_floor_write(&floor);
	}
	if (error) {
		embargo_log_error(EMBARGO_FLOOR_FILE, "cannot be written: %s; the floor is root's",
				  strerror(-error));
		return EMBARGO_EXIT_FAILURE;
	}
	/* It has the floor that was, and would bring that back; the next load keeps another. */
	if (unlink(EMBARGO_LAST_FILE) && errno != ENOENT && errno != ENOTDIR) {
		embargo_log_error(EMBARGO_LAST_FILE,
				  "cannot be removed: %s; the next boot brings "
				  "the former floor back",
				  strerror(errno));
		return EMBARGO_EXIT_FAILURE;
	}
	if (embargo_enforcement_open(&enforcement, &diagnostic))
		return EMBARGO_EXIT_YES; /* nothing enforces: the next start reads the file */
	error = embargo_enforcement_clock_set(enforcement, &clock);
	if (!error)
		error = embargo_enforcement_notes_clear(enforcement);
	if (error) {
		embargo_log_error("the kernel's clock", "cannot be set: %s; run embargo load",
				  strerror(-error));
		return EMBARGO_EXIT_FAILURE;
	}
	return EMBARGO_EXIT_YES;
}

int embargo_cmd_floor(int argc, char **argv)
{
	struct options options = {};
	int status = embargo_options_parse(&embargo_verb_floor, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_floor, argv[0]);
	if (options.reset) {
		status = reset_floor();
		if (status)
			return status;
	}
	return print_floor(options.json);
}

const struct embargo_verb embargo_verb_floor = {
	.name = "floor",
	.summary = "show the earliest that \"now\" may be, or take it back",
	.details =
		"A clock set back does not go below the floor, so it undoes no date. Take it back\n"
		"where a wrong clock once raised it.",
	.options = table,
	.run = embargo_cmd_floor,
};
