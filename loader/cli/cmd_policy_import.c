// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy import`: a digest list out of other people's lists, with where each entry is
 * from. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/importing.h"
#include "loader/cli/reading.h"
#include "loader/cli/spool.h"
#include "loader/model/time.h"
#include "loader/policy/policy.h"
#include "loader/text/name.h"

/* As much of a name as policies keep of one. */
#define VENDOR_SIZE 1024

struct options {
	const char *format;
	const char *output;
	struct embargo_texts vendors;
	bool all;
	bool rules;
	bool is_unconfined;
};

static const char *format_name(size_t index)
{
	return embargo_import_formats[index].name;
}

static const struct embargo_option table[] = {
	{ .name = "format",
	  .argument = "NAME",
	  .summary = "what the files are, where that is not told by what is in them",
	  .choice = format_name,
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, format) },
	{ .name = "vendor",
	  .argument = "NAME",
	  .summary = "whose files are taken, as the source spells it; a * at its end for any that "
		     "begins so; may be repeated",
	  .type = EMBARGO_OPTION_TEXTS,
	  .offset = offsetof(struct options, vendors) },
	{ .name = "all",
	  .summary = "also what its source does not hold against anybody (MISP: without to_ids)",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, all) },
	{ .name = "rules",
	  .summary = "print a policy with rules in place of a digest list",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, rules) },
	{ .name = "output",
	  .argument = "FILE",
	  .summary = "write there, at once and whole, and not to standard output",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, output) },
	EMBARGO_UNCONFINED_OPTION(struct options, is_unconfined),
	EMBARGO_OPTIONS_END,
};

/* "kaspersky lab" for "Kaspersky Lab"; a * at the end stays. */
static int fold_vendor(const char *name, char **vendor)
{
	size_t length = strlen(name);
	bool is_prefix = length && name[length - 1] == '*';
	char folded[VENDOR_SIZE + 1];
	int used = embargo_name_fold(name, length - is_prefix, folded, VENDOR_SIZE);

	if (used < 0) {
		embargo_log_error(
			"--vendor",
			"'%s' is no name; write one with letters or digits in it, of less "
			"than 1024 bytes",
			name);
		return used;
	}
	if (is_prefix)
		strcpy(folded + used, "*");
	*vendor = strdup(folded);
	return *vendor ? 0 : -ENOMEM;
}

struct verb {
	char *vendors[EMBARGO_TEXTS_MAX];
	struct embargo_spool spool;
	struct embargo_importing importing;
};

static void stop(struct verb *verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(verb->vendors); i++)
		free(verb->vendors[i]);
	embargo_importing_stop(&verb->importing);
	embargo_spool_close(&verb->spool);
}

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

static int write_rules(struct verb *verb)
{
	struct embargo_rules *rules = &verb->importing.rules;
	int error = embargo_rules_write(rules, wall_clock(), verb->spool.out);

	if (rules->short_names)
		embargo_log_error("packages",
				  "%zu left out: a name of less than %d characters could be "
				  "anybody's",
				  rules->short_names, EMBARGO_POLICY_PACKAGE_NAME);
	if (error)
		embargo_log_error("rules", "%s",
				  error == -ENODATA ? "nothing is left for a rule"
						    : strerror(-error));
	return error;
}

static int import_all(struct verb *verb, int count, char **paths)
{
	struct embargo_importing *importing = &verb->importing;
	int error = 0;

	embargo_progress_start(&importing->progress, "reading", 0);
	for (int i = 0; i < count && !error; i++)
		error = embargo_importing_read(importing, paths[i]);
	if (!error && importing->makes_rules)
		error = write_rules(verb);
	if (error)
		return error;
	if (importing->empty)
		embargo_log_error("empty files",
				  "%zu left out: their digest would name every empty file",
				  importing->empty);
	return embargo_spool_give(&verb->spool);
}

static int run(int argc, char **argv)
{
	struct options options = { .format = NULL };
	_cleanup_(stop) struct verb verb = { .spool.out = NULL };
	struct embargo_importing *importing = &verb.importing;
	int status = embargo_options_parse(&embargo_verb_policy_import, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_policy_import, NULL);
	importing->is_unconfined = options.is_unconfined;
	importing->makes_rules = options.rules;
	if (options.format)
		importing->format = embargo_import_format_named(options.format);
	for (size_t i = 0; i < options.vendors.count; i++)
		if (fold_vendor(options.vendors.text[i], &verb.vendors[i]))
			return EMBARGO_EXIT_FAILURE;
	importing->choice = (struct embargo_import_choice) {
		.vendors = (const char *const *)verb.vendors,
		.vendor_count = options.vendors.count,
		.takes_all = options.all,
	};
	if (embargo_spool_open(&verb.spool, options.output))
		return EMBARGO_EXIT_FAILURE;
	importing->listing.out = verb.spool.out;
	return import_all(&verb, argc, argv) ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_import = {
	.name = "policy import",
	.operands = "FILE...",
	.summary = "print a digest list out of other people's lists",
	.details = "FILE may be - for standard input. Each entry stands below where it is from.\n"
		   "Nothing is printed where anything of it is refused.",
	.options = table,
	.run = run,
};
