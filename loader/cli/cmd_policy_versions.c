// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy versions`: the editions that were in force here, and forgetting one. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/cli/cmd_policy.h"
#include "loader/json/json.h"
#include "loader/learned/list.h"
#include "loader/model/time.h"
#include "loader/trust/versions.h"

/* A load holds the lock for seconds at most. */
#define WAIT_MS 10000

struct options {
	const char *forget;
	bool json;
};

static const struct embargo_option table[] = {
	{ .name = "forget",
	  .argument = "ID",
	  .summary = "forget this policy: any edition of it may come next",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, forget) },
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

static int print_json(const struct embargo_versions *versions)
{
	_cleanup_json_ json_t *array = json_array();
	int failed = 0;

	for (size_t i = 0; i < versions->count; i++) {
		const struct embargo_version *version = &versions->array[i];
		json_t *object = json_object();

		failed |= embargo_json_set_text(object, "policy", version->id);
		failed |= embargo_json_set_number(object, "version", version->version);
		failed |= embargo_json_set(object, "signed", json_boolean(version->is_signed));
		failed |= embargo_json_set_hex(object, "sha256", version->sha256.bytes,
					       sizeof(version->sha256.bytes));
		failed |= embargo_json_set_time(object, "seen", version->seen);
		failed |= json_array_append_new(array, object);
	}
	return failed ? -ENOMEM : embargo_json_print(array, stdout);
}

static int print_text(const struct embargo_versions *versions)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], time[EMBARGO_TIME_TEXT];

	for (size_t i = 0; i < versions->count; i++) {
		const struct embargo_version *version = &versions->array[i];

		printf("%s  version %" PRIu64 "  %s  since %s  sha256 %s\n", version->id,
		       version->version, version->is_signed ? "signed" : "unsigned",
		       embargo_time_format(version->seen, time, sizeof(time)),
		       embargo_hex_format(version->sha256.bytes, sizeof(version->sha256.bytes),
					  hex));
	}
	return 0;
}

static int complain(int error)
{
	embargo_log_error(EMBARGO_VERSIONS_FILE, "%s%s", embargo_file_error(error),
			  error == -EACCES || error == -EPERM ? "; run as root" : "");
	return EMBARGO_EXIT_FAILURE;
}

/* Not while a load is between reading the file and writing it. */
static int forget(const char *id)
{
	_cleanup_(embargo_versions_free) struct embargo_versions versions = { .array = NULL };
	_cleanup_close_ int lock = -1;
	int error = embargo_learned_list_lock(EMBARGO_LEARNED_FILE, WAIT_MS, &lock);

	if (!error)
		error = embargo_versions_read(EMBARGO_VERSIONS_FILE, &versions);
	/* Without a folder for it nothing was ever kept. */
	if (error == -ENOENT || (!error && embargo_versions_forget(&versions, id))) {
		embargo_log_error(id,
				  "no edition of it is remembered; see embargo policy versions");
		return EMBARGO_EXIT_NO;
	}
	if (!error)
		error = embargo_versions_write(EMBARGO_VERSIONS_FILE, &versions);
	return error ? complain(error) : EMBARGO_EXIT_YES;
}

static int run(int argc, char **argv)
{
	_cleanup_(embargo_versions_free) struct embargo_versions versions = { .array = NULL };
	struct options options = { 0 };
	int status = embargo_options_parse(&embargo_verb_policy_versions, &argc, &argv, &options);
	int error;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_policy_versions, argv[0]);
	if (options.forget)
		return forget(options.forget);
	error = embargo_versions_read(EMBARGO_VERSIONS_FILE, &versions);
	if (!error)
		error = options.json ? print_json(&versions) : print_text(&versions);
	if (error)
		return complain(error);
	if (!versions.is_damaged)
		return EMBARGO_EXIT_YES;
	embargo_log_error(
		EMBARGO_VERSIONS_FILE,
		"is damaged: this is what can be read of it; the next load sets it aside");
	return EMBARGO_EXIT_FAILURE;
}

const struct embargo_verb embargo_verb_policy_versions = {
	.name = "policy versions",
	.summary = "the latest edition of each policy that was in force here",
	.details = "An older edition is refused, until root has this one forgotten.",
	.options = table,
	.run = run,
};
