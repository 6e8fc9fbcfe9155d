// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo scan`: what on this host, or below some paths, falls under a rule. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/cli/check_report.h"
#include "loader/cli/commands.h"
#include "loader/cli/judging.h"
#include "loader/cli/offering.h"
#include "loader/cli/scan_roots.h"
#include "loader/watch/inventory.h"
#include "loader/watch/priority.h"

struct options {
	struct embargo_judging_options judging;
	bool json;
	bool is_idle;
};

static const struct embargo_option table[] = {
	EMBARGO_JUDGING_OPTIONS(struct options, judging),
	{ .name = "json",
	  .summary = "one object a line, for programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "idle",
	  .summary = "only while nothing else wants the processor or the disk",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, is_idle) },
	EMBARGO_OPTIONS_END,
};

struct scan {
	struct embargo_judging judging;
	struct embargo_inventory *inventory;
	struct embargo_offering offering;
	struct embargo_progress progress;
	bool is_json;
	uint64_t judged, denied, audited;
	uint64_t failed; /* files that were opened and could not be judged */
	bool is_incomplete;
};

static void stop(struct scan *scan)
{
	embargo_judging_stop(&scan->judging);
	embargo_offering_stop(&scan->offering);
	embargo_inventory_close(scan->inventory);
}

static bool is_match(const struct embargo_answer *answer)
{
	return answer->decision.verdict != EMBARGO_VERDICT_ALLOW || answer->decision.reason ||
	       answer->has_next;
}

static int print(const struct scan *scan, const struct embargo_check_report *report)
{
	_cleanup_json_ json_t *object = NULL;
	int error;

	if (!scan->is_json) {
		embargo_check_report_print_line(report);
		return 0;
	}
	error = embargo_check_report_to_json(report, &object);
	return error ? error : embargo_json_print_line(object, stdout);
}

static int report_match(struct scan *scan, const struct embargo_inventory_file *file,
			const struct embargo_subject *subject, const struct embargo_answer *answer)
{
	const struct embargo_check_report report = {
		.path = file->path,
		.subject = subject,
		.answer = answer,
		.tables = &scan->judging.tables,
		.at = scan->judging.at,
	};

	scan->denied += answer->decision.verdict == EMBARGO_VERDICT_DENY;
	scan->audited += answer->decision.verdict == EMBARGO_VERDICT_AUDIT;
	if (subject->question.classification_count)
		embargo_offering_send(&scan->offering, file->fd);
	embargo_progress_clear(&scan->progress);
	return print(scan, &report);
}

static void look_at(struct scan *scan, const struct embargo_inventory_file *file)
{
	_cleanup_(embargo_subject_free) struct embargo_subject subject = {};
	struct embargo_answer answer;
	int error = embargo_judging_judge(&scan->judging, file->fd, file->path,
					  EMBARGO_OPERATION_UNKNOWN, &subject, &answer);

	if (!error && is_match(&answer))
		error = report_match(scan, file, &subject, &answer);
	if (!error) {
		scan->judged++;
		return;
	}
	embargo_progress_clear(&scan->progress);
	embargo_log_error(file->path, "cannot be checked: %s", embargo_reading_error(error));
	scan->failed++;
}

static void walk(struct scan *scan)
{
	struct embargo_inventory_progress progress;
	struct embargo_inventory_file file;
	int found;

	embargo_progress_start(&scan->progress, "scanning", 0);
	while ((found = embargo_inventory_next(scan->inventory, &file))) {
		if (found > 0) {
			look_at(scan, &file);
			close(file.fd);
		} else if (found != -EAGAIN) {
			embargo_log_error("scan", "%s", strerror(-found));
			scan->is_incomplete = true;
			break;
		}
		embargo_inventory_progress(scan->inventory, &progress);
		embargo_progress_tell(&scan->progress, progress.seen, progress.expected);
	}
	embargo_progress_clear(&scan->progress);
}

/* What nobody looked at is never passed over in silence. */
static int conclude(struct scan *scan)
{
	struct embargo_inventory_progress progress;

	embargo_inventory_progress(scan->inventory, &progress);
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			"embargo: %" PRIu64 " files, of which %" PRIu64 " may be code: %" PRIu64
			" are denied, %" PRIu64 " would be\n",
			progress.seen, progress.given, scan->denied, scan->audited);
	if (progress.skipped)
		embargo_log_error("scan",
				  "%" PRIu64 " files and folders could not be looked at: they may "
				  "not be read by this user, or lie too deep",
				  progress.skipped);
	if (scan->failed)
		embargo_log_error("scan", "%" PRIu64 " files could not be judged", scan->failed);
	if (scan->is_incomplete || progress.skipped || scan->failed)
		return EMBARGO_EXIT_FAILURE;
	return scan->denied ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

static int add_roots(struct scan *scan, int argc, char **argv)
{
	int error = embargo_inventory_open(&scan->inventory);

	if (error)
		return error;
	embargo_inventory_give_each_name(scan->inventory);
	if (!argc)
		return embargo_scan_roots_add_all(scan->inventory);
	for (int i = 0; i < argc; i++)
		if (embargo_scan_roots_add(scan->inventory, argv[i]))
			scan->is_incomplete = true;
	return 0;
}

int embargo_cmd_scan(int argc, char **argv)
{
	struct options options = { .judging.at = INT64_MIN };
	_cleanup_(stop) struct scan scan = { .offering.socket = -1 };
	int status = embargo_options_parse(&embargo_verb_scan, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	scan.is_json = options.json;
	/* Before anything is started, which then has it, too. */
	if (options.is_idle)
		embargo_priority_lower();
	if (embargo_judging_start(&scan.judging, &options.judging) || add_roots(&scan, argc, argv))
		return EMBARGO_EXIT_FAILURE;
	scan.is_incomplete |= scan.judging.is_short_of_owners;
	walk(&scan);
	return conclude(&scan);
}

const struct embargo_verb embargo_verb_scan = {
	.name = "scan",
	.operands = "[PATH...]",
	.summary = "find the programs, libraries, modules and packages that a rule is about",
	.details = "Looks below the paths, or at every local file system. Exits with 1 where "
		   "something "
		   "is\ndenied, and with 2 where not all of it could be looked at.",
	.options = table,
	.run = embargo_cmd_scan,
};
