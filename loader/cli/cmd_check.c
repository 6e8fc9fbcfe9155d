// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo check`: the kernel's verdict on a file, now or on a date, without asking the kernel. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/cli/check_report.h"
#include "loader/cli/commands.h"
#include "loader/cli/judging.h"
#include "loader/cli/offering.h"
#include "loader/model/names.h"
#include "loader/verdict/process.h"

struct options {
	struct embargo_judging_options judging;
	const char *operation;
	bool json;
};

/* The words of all operations but "unknown". */
static const char *operation_choice(size_t index)
{
	return index + 1 < EMBARGO_OPERATION_COUNT ? embargo_operation_name(index + 1) : NULL;
}

static const struct embargo_option table[] = {
	EMBARGO_JUDGING_OPTIONS(struct options, judging),
	{ .name = "operation",
	  .argument = "OP",
	  .summary = "what would be done with the file",
	  .choice = operation_choice,
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, operation) },
	{ .name = "json",
	  .summary = "an array of objects, for programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

struct check {
	struct embargo_judging judging;
	struct embargo_offering offering;
	enum embargo_operation operation; /* UNKNOWN: by kind */
	json_t *array;			  /* NULL: print lines */
	const char *process;
	struct embargo_progress progress;
	int status;
};

/* A file that cannot be judged weighs more than a denied one, and that more than an allowed one. */
static void raise_status(struct check *check, int status)
{
	if (status > check->status)
		check->status = status;
}

static int add_report(const struct embargo_check_report *report, json_t *array)
{
	json_t *object;
	int error = embargo_check_report_to_json(report, &object);

	return error ? error : json_array_append_new(array, object) ? -ENOMEM : 0;
}

/* Judges the file that @path opens and calls it @name. */
static void check_file(struct check *check, const char *path, const char *name,
		       enum embargo_operation operation)
{
	_cleanup_(embargo_subject_free) struct embargo_subject subject = {};
	_cleanup_close_ int fd = -1;
	struct embargo_answer answer;
	struct embargo_check_report report = {
		.path = name,
		.process = check->process,
		.subject = &subject,
		.answer = &answer,
		.tables = &check->judging.tables,
		.at = check->judging.at,
	};
	int error = embargo_file_open(path, &fd, NULL);

	if (!error)
		error = embargo_judging_judge(&check->judging, fd, path, operation, &subject,
					      &answer);
	if (fd >= 0)
		embargo_offering_send(&check->offering, fd);
	embargo_progress_clear(&check->progress);
	if (!error && check->array)
		error = add_report(&report, check->array);
	else if (!error)
		embargo_check_report_print(&report);
	if (error) {
		embargo_log_error(name, "cannot be checked: %s", embargo_reading_error(error));
		raise_status(check, EMBARGO_EXIT_FAILURE);
	} else if (answer.decision.verdict == EMBARGO_VERDICT_DENY) {
		raise_status(check, EMBARGO_EXIT_NO);
	}
}

static int check_process_file(void *context, const char *path, const char *name, bool is_program)
{
	struct check *check = context;

	check_file(check, path, name, is_program ? EMBARGO_OPERATION_EXEC : EMBARGO_OPERATION_MAP);
	return 0;
}

static void check_process(struct check *check, const char *pid)
{
	int error;

	check->process = pid;
	error = embargo_process_files(pid, check_process_file, check);
	check->process = NULL;
	if (!error)
		return;
	embargo_progress_clear(&check->progress);
	if (error == -ESRCH)
		embargo_log_error(pid, "is no file and no process");
	else
		embargo_log_error(pid, "this process cannot be looked into: %s", strerror(-error));
	raise_status(check, EMBARGO_EXIT_FAILURE);
}

static void stop_check(struct check *check)
{
	embargo_judging_stop(&check->judging);
	embargo_offering_stop(&check->offering);
}

int embargo_cmd_check(int argc, char **argv)
{
	struct options options = { .judging.at = INT64_MIN };
	_cleanup_json_ json_t *array = NULL;
	_cleanup_(stop_check) struct check check = { .offering.socket = -1 };
	int status = embargo_options_parse(&embargo_verb_check, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_check, NULL);
	if (embargo_judging_start(&check.judging, &options.judging))
		return EMBARGO_EXIT_FAILURE;
	if (check.judging.is_short_of_owners)
		raise_status(&check, EMBARGO_EXIT_FAILURE);
	array = options.json ? json_array() : NULL;
	check.array = array;
	if (options.operation)
		check.operation = embargo_operation_parse(options.operation);
	embargo_progress_start(&check.progress, "checking", argc);
	for (int i = 0; i < argc; i++) {
		if (embargo_process_is(argv[i]))
			check_process(&check, argv[i]);
		else
			check_file(&check, argv[i], argv[i], check.operation);
		embargo_progress_step(&check.progress);
	}
	embargo_progress_clear(&check.progress);
	if (array && embargo_json_print(array, stdout))
		return EMBARGO_EXIT_FAILURE;
	return check.status;
}

const struct embargo_verb embargo_verb_check = {
	.name = "check",
	.operands = "FILE|PID...",
	.summary = "tell what the kernel would do with a file, now or on a date",
	.details = "Works without root and on any kernel. A module is loaded, a package is opened, "
		   "all\n"
		   "else is executed, unless --operation says otherwise. Exits with 1 where "
		   "something\n"
		   "is denied.",
	.options = table,
	.run = embargo_cmd_check,
};
