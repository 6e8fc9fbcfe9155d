// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo identify`: every identity of a file. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/cli/commands.h"
#include "loader/cli/identify_report.h"
#include "loader/cli/offering.h"
#include "loader/cli/reading.h"
#include "loader/crypto/anchors.h"
#include "loader/packages/packages.h"

struct options {
	bool json;
	bool is_unconfined;
	const char *anchors;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "an array of objects, for programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "anchors",
	  .argument = "FOLDER",
	  .summary = "certificates that signers must lead to (" EMBARGO_ANCHORS_FOLDER ")",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, anchors) },
	EMBARGO_UNCONFINED_OPTION(struct options, is_unconfined),
	EMBARGO_OPTIONS_END,
};

static void free_anchors(struct embargo_anchors **anchors)
{
	embargo_anchors_free(*anchors);
}

/* Without them everything but `chain_ok` can still be told. */
static int use_anchors(const char *folder, struct embargo_anchors **anchors)
{
	struct embargo_diagnostic diagnostic = {};

	/* The host's own folder need not be there; one that somebody names has to be. */
	if (strcmp(folder, EMBARGO_ANCHORS_FOLDER) && access(folder, R_OK | X_OK)) {
		embargo_log_error(folder, "%s; name a folder of *.pem files", strerror(errno));
		return EMBARGO_EXIT_FAILURE;
	}
	if (embargo_anchors_load(folder, anchors, &diagnostic)) {
		embargo_log_diagnostic(folder, &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	embargo_anchors_use(*anchors);
	return EMBARGO_EXIT_YES;
}

/* Which installed packages have the file: where they cannot be read, that is said once. */
static int add_owners(int fd, const char *path, struct embargo_specimen *specimen)
{
	static bool is_told;
	struct embargo_diagnostic diagnostic = {};
	_cleanup_free_
	char *resolved = realpath(path, NULL);
	int error;

	if (!resolved || !embargo_file_is_at(fd, resolved))
		return 0;
	error = embargo_package_owner("/", resolved, &specimen->identities, &diagnostic);
	if (error && !is_told)
		embargo_log_diagnostic("packages", &diagnostic);
	is_told |= error != 0;
	return error == -ENOMEM ? error : 0;
}

struct identification {
	struct embargo_reading reading;
	struct embargo_offering offering;
	struct embargo_progress progress;
	json_t *array; /* NULL: print lines */
};

static void stop(struct identification *identification)
{
	embargo_reading_stop(&identification->reading);
	embargo_offering_stop(&identification->offering);
	json_decref(identification->array);
}

/* Prints the file, or takes it into the array where there is one. */
static int identify(const char *path, struct identification *identification)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = {};
	_cleanup_close_ int fd = -1;
	int error = embargo_file_open(path, &fd, NULL);

	if (!error)
		error = embargo_reading_read(&identification->reading, fd, &specimen);
	if (fd >= 0)
		embargo_offering_send(&identification->offering, fd);
	if (!error)
		error = add_owners(fd, path, &specimen);
	embargo_progress_clear(&identification->progress);
	if (!error && identification->array)
		error = embargo_identify_add(identification->array, path, &specimen);
	else if (!error)
		embargo_identify_print(path, &specimen);
	if (error)
		embargo_log_error(path, "%s", embargo_reading_error(error));
	return error ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

int embargo_cmd_identify(int argc, char **argv)
{
	struct options options = { .anchors = EMBARGO_ANCHORS_FOLDER };
	_cleanup_(free_anchors) struct embargo_anchors *anchors = NULL;
	_cleanup_(stop) struct identification identification = { .offering.socket = -1 };
	int status = embargo_options_parse(&embargo_verb_identify, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_identify, NULL);
	if (options.json)
		identification.array = json_array();
	/* Those who look into files have the anchors from here. */
	status = use_anchors(options.anchors, &anchors);
	if (embargo_reading_start(&identification.reading, options.is_unconfined))
		return EMBARGO_EXIT_FAILURE;
	embargo_progress_start(&identification.progress, "reading", argc);
	for (int i = 0; i < argc; i++) {
		if (identify(argv[i], &identification))
			status = EMBARGO_EXIT_FAILURE;
		embargo_progress_step(&identification.progress);
	}
	embargo_progress_clear(&identification.progress);
	if (identification.array && embargo_json_print(identification.array, stdout))
		return EMBARGO_EXIT_FAILURE;
	return status;
}

const struct embargo_verb embargo_verb_identify = {
	.name = "identify",
	.operands = "FILE...",
	.summary = "print every identity of a file",
	.options = table,
	.run = embargo_cmd_identify,
};
