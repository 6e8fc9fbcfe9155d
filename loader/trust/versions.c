// SPDX-License-Identifier: GPL-2.0-or-later
/* Versions in a file of lines, with a sum over them. */
#include "loader/trust/versions.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/replace.h"
#include "loader/crypto/sha256.h"
#include "loader/model/digest.h"
#include "loader/model/time.h"

#define TITLE "embargo-versions 1\n"
#define SUM   "sum "

/* ID, 20 digits, a word, a digest, a time, and what is between them. */
#define LINE_SIZE (EMBARGO_NAME_SIZE + 21 + 9 + EMBARGO_DIGEST_HEX + 1 + EMBARGO_TIME_TEXT + 2)
_Static_assert(EMBARGO_VERSIONS_COUNT *LINE_SIZE + 256 <= EMBARGO_VERSIONS_BYTES,
	       "all that is remembered fits the file");

static struct embargo_version *find(const struct embargo_versions *versions, const char *id)
{
	for (size_t i = 0; i < versions->count; i++)
		if (!strcmp(versions->array[i].id, id))
			return &versions->array[i];
	return NULL;
}

static int add(struct embargo_versions *versions, const struct embargo_version *version)
{
	struct embargo_version *grown;

	if (versions->count == EMBARGO_VERSIONS_COUNT)
		return -E2BIG;
	grown = reallocarray(versions->array, versions->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	versions->array = grown;
	grown[versions->count++] = *version;
	return 0;
}

static bool parse_line(const char *line, struct embargo_version *version)
{
	char word[16], hex[EMBARGO_DIGEST_HEX + 1], time[EMBARGO_TIME_TEXT];
	int end = 0;

	*version = (struct embargo_version) { .version = 0 };
	/* 63: EMBARGO_NAME_SIZE without its NUL; so of the others. */
	if (sscanf(line, "%63s %" SCNu64 " %15s %64s %31s%n", version->id, &version->version, word,
		   hex, time, &end) != 5 ||
	    line[end])
		return false;
	version->is_signed = !strcmp(word, "signed");
	return (version->is_signed || !strcmp(word, "unsigned")) && version->version &&
	       !embargo_digest_parse(hex, strlen(hex), &version->sha256) &&
	       !embargo_time_parse(time, &version->seen);
}

static bool sum_holds(const char *text, const char *sum)
{
	struct embargo_digest found, said;

	return !embargo_sha256_memory(text, (size_t)(sum - text), &found) &&
	       !embargo_digest_parse(sum + strlen(SUM), EMBARGO_DIGEST_HEX, &said) &&
	       !memcmp(&found, &said, sizeof(found)) &&
	       !strcmp(sum + strlen(SUM) + EMBARGO_DIGEST_HEX, "\n");
}

/* Of one id, the highest: what is damaged may have it twice. */
static int take(struct embargo_versions *versions, const struct embargo_version *version)
{
	struct embargo_version *former = find(versions, version->id);

	if (!former)
		return add(versions, version);
	if (former->version < version->version)
		*former = *version;
	return 0;
}

static int parse(char *text, size_t size, struct embargo_versions *versions)
{
	char *sum = strstr(text, "\n" SUM), *rest = text, *line;
	struct embargo_version version;
	int error = 0;

	versions->is_damaged = strlen(text) != size || !sum || !sum_holds(text, sum + 1) ||
			       strncmp(text, TITLE, strlen(TITLE)) != 0;
	for (size_t i = 0; i < size; i++)
		if (!text[i])
			text[i] = '\n';
	while (!error && (line = strsep(&rest, "\n")))
		if (parse_line(line, &version))
			error = take(versions, &version);
	return error;
}

int embargo_versions_read(const char *file, struct embargo_versions *versions)
{
	struct embargo_versions read = { .array = NULL };
	_cleanup_free_
	char *text = NULL;
	size_t size = 0;
	int error = embargo_file_read(file, EMBARGO_VERSIONS_BYTES, &text, &size);

	if (error == -ENOENT) {
		*versions = read;
		return 0;
	}
	/* What is no file of ours is damaged, and nothing can be read of it. */
	if (error == -EFBIG || error == -EISDIR || error == -EINVAL) {
		*versions = (struct embargo_versions) { .is_damaged = true };
		return 0;
	}
	if (!error)
		error = parse(text, size, &read);
	if (error == -E2BIG)
		error = 0;
	if (error)
		embargo_versions_free(&read);
	else
		*versions = read;
	return error;
}

void embargo_versions_free(struct embargo_versions *versions)
{
	free(versions->array);
	*versions = (struct embargo_versions) { .array = NULL };
}

static void print(FILE *out, const struct embargo_versions *versions)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], time[EMBARGO_TIME_TEXT];

	fputs(TITLE, out);
	for (size_t i = 0; i < versions->count; i++) {
		const struct embargo_version *version = &versions->array[i];

		fprintf(out, "%s %" PRIu64 " %s %s %s\n", version->id, version->version,
			version->is_signed ? "signed" : "unsigned",
			embargo_hex_format(version->sha256.bytes, sizeof(version->sha256.bytes),
					   hex),
			embargo_time_format(version->seen, time, sizeof(time)));
	}
}

/* The text, with its sum; the caller frees. */
static int write_text(const struct embargo_versions *versions, char **text, size_t *size)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];
	FILE *out = open_memstream(text, size);
	struct embargo_digest sum;
	int error;

	if (!out)
		return -ENOMEM;
	print(out, versions);
	error = fflush(out) ? -ENOMEM : embargo_sha256_memory(*text, *size, &sum);
	if (!error)
		fprintf(out, SUM "%s\n", embargo_hex_format(sum.bytes, sizeof(sum.bytes), hex));
	return fclose(out) && !error ? -ENOMEM : error;
}

int embargo_versions_write(const char *file, const struct embargo_versions *versions)
{
	_cleanup_free_
	char *text = NULL;
	char aside[PATH_MAX];
	size_t size = 0;
	int error = write_text(versions, &text, &size);

	if (error)
		return error;
	if (versions->is_damaged) {
		snprintf(aside, sizeof(aside), "%s" EMBARGO_VERSIONS_DAMAGED, file);
		if (rename(file, aside))
			return -errno;
	}
	return embargo_file_replace(file, text, size, 0644);
}

int embargo_versions_check(const struct embargo_versions *versions,
			   const struct embargo_version *version,
			   struct embargo_diagnostic *diagnostic)
{
	const struct embargo_version *former = find(versions, version->id);
	char time[EMBARGO_TIME_TEXT];

	if (!former || version->version > former->version)
		return 0;
	embargo_time_format(former->seen, time, sizeof(time));
	if (version->version < former->version) {
		embargo_diagnostic_remedy(
			diagnostic,
			"take the latest edition; or, to go back, `embargo policy "
			"versions --forget %s`",
			version->id);
		return embargo_diagnostic_what(diagnostic, -ESTALE,
					       "version %" PRIu64 " of '%s' is older than version "
					       "%" PRIu64 ", in force here since %s",
					       version->version, version->id, former->version,
					       time);
	}
	if (!version->is_signed || !former->is_signed ||
	    !memcmp(&version->sha256, &former->sha256, sizeof(version->sha256)))
		return 0;
	embargo_diagnostic_remedy(diagnostic, "raise the version, and sign it again");
	return embargo_diagnostic_what(diagnostic, -ESTALE,
				       "version %" PRIu64 " of '%s' is not the text that was in "
				       "force here under that number, since %s",
				       version->version, version->id, time);
}

int embargo_versions_note(struct embargo_versions *versions, const struct embargo_version *version,
			  bool *is_changed)
{
	struct embargo_version *former = find(versions, version->id);
	int error = 0;

	if (former && former->version == version->version &&
	    former->is_signed == version->is_signed &&
	    !memcmp(&former->sha256, &version->sha256, sizeof(version->sha256)))
		return 0;
	if (former && former->version > version->version)
		return 0;
	if (former)
		*former = *version;
	else
		error = add(versions, version);
	if (!error)
		*is_changed = true;
	return error;
}

int embargo_versions_forget(struct embargo_versions *versions, const char *id)
{
	struct embargo_version *found = find(versions, id);

	if (!found)
		return -ENOENT;
	*found = versions->array[--versions->count];
	return 0;
}
