// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo hash`: the lines of a digest list. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/cli/commands.h"
#include "loader/cli/reading.h"
#include "loader/identity/module.h"
#include "loader/policy/list.h"

struct options {
	bool plain;
	bool is_unconfined;
};

static const struct embargo_option table[] = {
	{ .name = "plain",
	  .summary = "the form of sha256sum(1), without sizes",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, plain) },
	EMBARGO_UNCONFINED_OPTION(struct options, is_unconfined),
	EMBARGO_OPTIONS_END,
};

/* A name with a line break would be two lines: sha256sum(1) escapes it and says so up front. */
static void print_plain(const char *hex, const char *name)
{
	bool is_escaped = strpbrk(name, "\\\n\r");

	printf("%s%s  ", is_escaped ? "\\" : "", hex);
	for (; *name; name++) {
		if (*name == '\\')
			fputs("\\\\", stdout);
		else if (*name == '\n')
			fputs("\\n", stdout);
		else if (*name == '\r')
			fputs("\\r", stdout);
		else
			putchar(*name);
	}
	putchar('\n');
}

static void print_content(const struct embargo_content *content, const char *name, bool plain)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], printable[EMBARGO_LIST_NAME];

	embargo_hex_format(content->digest.bytes, EMBARGO_SHA256_SIZE, hex);
	if (plain)
		print_plain(hex, name);
	else
		printf("%s:%llu:%s\n", hex, (unsigned long long)content->size,
		       embargo_list_name(name, printable, sizeof(printable)));
}

static void print_inner(const struct embargo_content *inner, const char *path, bool plain)
{
	_cleanup_free_
	char *name = embargo_module_inner_name(path);

	print_content(inner, name ? name : path, plain);
}

static int print_file(const char *path, bool plain, struct embargo_reading *reading,
		      struct embargo_progress *progress)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = {};
	_cleanup_close_ int fd = -1;
	int error = embargo_file_open(path, &fd, NULL);

	if (!error)
		error = embargo_reading_read(reading, fd, &specimen);
	embargo_progress_clear(progress);
	if (error) {
		embargo_log_error(path, "%s", embargo_reading_error(error));
		return EMBARGO_EXIT_FAILURE;
	}
	print_content(&specimen.file, path, plain);
	if (specimen.has_inner)
		print_inner(&specimen.inner, path, plain);
	if (specimen.inner_error)
		embargo_log_error(path,
				  "its compressed content cannot be read (%s), so only the "
				  "compressed file's line is printed",
				  embargo_file_error(specimen.inner_error));
	return specimen.inner_error ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

int embargo_cmd_hash(int argc, char **argv)
{
	struct options options = {};
	_cleanup_(embargo_reading_stop) struct embargo_reading reading = { .is_started = false };
	struct embargo_progress progress;
	int status = embargo_options_parse(&embargo_verb_hash, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_hash, NULL);
	if (embargo_reading_start(&reading, options.is_unconfined))
		return EMBARGO_EXIT_FAILURE;
	status = EMBARGO_EXIT_YES;
	embargo_progress_start(&progress, "hashing", argc);
	for (int i = 0; i < argc; i++) {
		if (print_file(argv[i], options.plain, &reading, &progress))
			status = EMBARGO_EXIT_FAILURE;
		embargo_progress_step(&progress);
	}
	embargo_progress_clear(&progress);
	return status;
}

const struct embargo_verb embargo_verb_hash = {
	.name = "hash",
	.operands = "FILE...",
	.summary = "print the lines of a digest list",
	.details =
		"Prints HASH:SIZE:NAME for each file; for a compressed kernel module also the line "
		"of the\nmodule in it, which is the one that a list `of: module` needs.",
	.options = table,
	.run = embargo_cmd_hash,
};
