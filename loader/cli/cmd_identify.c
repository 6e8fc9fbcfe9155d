// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo identify`: every identity of a file. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/base/utf8.h"
#include "loader/cli/commands.h"
#include "loader/identity/specimen.h"
#include "loader/json/json.h"

struct options {
	bool json;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "an array of objects, for programs",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

/* The identities in the words of policies; @print gets each. */
static int list(const struct embargo_specimen *specimen, const char *path,
		int (*print)(void *context, const char *kind, const char *value), void *context)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];
	char text[4 * EMBARGO_ATTRIBUTE_SIZE];
	_cleanup_free_
	char *resolved = realpath(path, NULL);
	int failed;

	embargo_hex_format(specimen->file.digest.bytes, EMBARGO_SHA256_SIZE, hex);
	failed = print(context, "sha256", hex);
	if (specimen->has_inner) {
		embargo_hex_format(specimen->inner.digest.bytes, EMBARGO_SHA256_SIZE, hex);
		failed |= print(context, "sha256", hex);
	}
	for (size_t i = 0; i < specimen->identities.count; i++) {
		const struct embargo_identity *identity = &specimen->identities.array[i];

		failed |= print(context, embargo_identity_kind_name(identity->kind),
				embargo_identity_format(identity, text, sizeof(text)));
	}
	if (resolved)
		failed |= print(context, "path", resolved);
	return failed ? -ENOMEM : 0;
}

static int print_line(void *context, const char *kind, const char *value)
{
	char printable[4096];

	(void)context;
	printf("  %-10s%s\n", kind, embargo_utf8_printable(value, printable, sizeof(printable)));
	return 0;
}

static void print_text(const char *path, const struct embargo_specimen *specimen)
{
	char printable[4096];

	printf("%s\n  %-10s%s%s\n  %-10s%llu\n",
	       embargo_utf8_printable(path, printable, sizeof(printable)), "kind",
	       embargo_kind_name(specimen->kind), specimen->has_inner ? ", compressed" : "", "size",
	       (unsigned long long)specimen->file.size);
	list(specimen, path, print_line, NULL);
}

static int append(void *context, const char *kind, const char *value)
{
	json_t *array = context;
	json_t *object = json_object();
	int failed = embargo_json_set_text(object, "kind", kind);

	failed |= embargo_json_set_path(object, "value", value);
	return json_array_append_new(array, object) | failed;
}

static const char *find_build_id(const struct embargo_specimen *specimen)
{
	for (size_t i = 0; i < specimen->identities.count; i++)
		if (specimen->identities.array[i].kind == EMBARGO_IDENTITY_BUILD_ID)
			return embargo_identity_value(&specimen->identities.array[i],
						      EMBARGO_ATTRIBUTE_VALUE);
	return NULL;
}

/* Takes the object for @specimen into @array. */
static int add_object(json_t *array, const char *path, const struct embargo_specimen *specimen)
{
	json_t *object = json_object(), *identities = json_array();
	int failed = embargo_json_set_path(object, "path", path);

	failed |= embargo_json_set_text(object, "kind", embargo_kind_name(specimen->kind));
	failed |= embargo_json_set_number(object, "size", specimen->file.size);
	failed |= embargo_json_set_hex(object, "sha256", specimen->file.digest.bytes,
				       EMBARGO_SHA256_SIZE);
	failed |= embargo_json_set_text(object, "build_id", find_build_id(specimen));
	failed |= list(specimen, path, append, identities);
	failed |= embargo_json_set(object, "identities", identities);
	failed |= json_array_append_new(array, object);
	return failed ? -ENOMEM : 0;
}

/* Prints the file, or takes it into @array where there is one. */
static int identify(const char *path, json_t *array, struct embargo_progress *progress)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = {};
	_cleanup_close_ int fd = -1;
	int error = embargo_file_open(path, &fd, NULL);

	if (!error)
		error = embargo_specimen_read(fd, &specimen);
	embargo_progress_clear(progress);
	if (!error && array)
		error = add_object(array, path, &specimen);
	else if (!error)
		print_text(path, &specimen);
	if (error)
		embargo_log_error(path, "%s", embargo_file_error(error));
	return error ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

int embargo_cmd_identify(int argc, char **argv)
{
	struct options options = {};
	struct embargo_progress progress;
	_cleanup_json_ json_t *array = NULL;
	int status = embargo_options_parse(&embargo_verb_identify, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_identify, NULL);
	if (options.json)
		array = json_array();
	status = EMBARGO_EXIT_YES;
	embargo_progress_start(&progress, "reading", argc);
	for (int i = 0; i < argc; i++) {
		if (identify(argv[i], array, &progress))
			status = EMBARGO_EXIT_FAILURE;
		embargo_progress_step(&progress);
	}
	embargo_progress_clear(&progress);
	if (array && embargo_json_print(array, stdout))
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
