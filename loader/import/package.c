// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing a Debian or RPM package: the code in it, as embargo-member-list finds it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/helper.h"
#include "loader/base/utf8.h"
#include "loader/import/import.h"
#include "loader/import/left.h"
#include "loader/import/origin.h"
#include "loader/members/list.h"
#include "loader/model/digest.h"

#define DEB_MAGIC "!<arch>\ndebian-binary"

/* Records between two looks at how far the package has been read. */
#define PROGRESS_STEP 64

static bool begins(const struct embargo_import_head *head, const char *magic, size_t size)
{
	return S_ISREG(head->mode) && head->size >= size && !memcmp(head->bytes, magic, size);
}

bool embargo_import_is_deb(const struct embargo_import_head *head)
{
	return begins(head, DEB_MAGIC, strlen(DEB_MAGIC));
}

bool embargo_import_is_rpm(const struct embargo_import_head *head)
{
	return begins(head, "\xed\xab\xee\xdb", 4);
}

struct package {
	struct embargo_import *import;
	struct embargo_origin origin;
	struct embargo_left left;
	uint64_t size; /* bytes of the package */
	uint64_t records;
	bool has_ended; /* as it should */
	char *texts[EMBARGO_MEMBER_LIST_FIELDS];
	size_t rooms[EMBARGO_MEMBER_LIST_FIELDS];
};

static void free_package(struct package *package)
{
	embargo_origin_free(&package->origin);
	for (size_t i = 0; i < ARRAY_SIZE(package->texts); i++)
		free(package->texts[i]);
}

static int refuse(struct package *package, int error, const char *what, const char *remedy)
{
	embargo_diagnostic_remedy(package->import->diagnostic, "%s", remedy);
	return embargo_diagnostic_what(package->import->diagnostic, error, "%s", what);
}

/* What the other process tells is believed no further than its form goes. */
static int refuse_record(struct package *package)
{
	return refuse(package, -EPROTO, "the process that took it apart gave no sensible answer",
		      "the package is hostile: unpack it where no harm is done, and import the "
		      "folder");
}

/* One record. Returns 1, or 0 at the end, and where one is cut off. */
static int read_record(struct package *package, FILE *from)
{
	for (size_t i = 0; i < ARRAY_SIZE(package->texts); i++) {
		ssize_t length = getdelim(&package->texts[i], &package->rooms[i], '\0', from);

		if (length <= 0 || package->texts[i][length - 1])
			return 0;
	}
	return 1;
}

static int get_number(struct package *package, uint64_t *number)
{
	const char *text = package->texts[EMBARGO_MEMBER_LIST_NUMBER];
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno || !text[0] || text[0] == '-' || *end || *number > INT64_MAX
		       ? refuse_record(package)
		       : 0;
}

static int take_file(struct package *package)
{
	const struct embargo_import_taker *taker = package->import->taker;
	const char *digest = package->texts[EMBARGO_MEMBER_LIST_MORE];
	struct embargo_import_entry entry = {
		.sized = true,
		.kind = embargo_kind_parse(package->texts[EMBARGO_MEMBER_LIST_WORD]),
		.name = package->texts[EMBARGO_MEMBER_LIST_TEXT],
		.provenance = package->origin.text,
		.supplier = package->origin.supplier,
	};

	if (embargo_digest_parse(digest, strlen(digest), &entry.digest) || !entry.name[0])
		return refuse_record(package);
	if (get_number(package, &entry.size))
		return -EPROTO;
	return taker->entry(taker->context, &entry);
}

static int take_left(struct package *package)
{
	const struct {
		const char *word;
		uint64_t *count;
	} reasons[] = {
		{ EMBARGO_MEMBER_LIST_INTERPRETED, &package->left.interpreted },
		{ EMBARGO_MEMBER_LIST_DAMAGED, &package->left.damaged },
		{ EMBARGO_MEMBER_LIST_OTHER, &package->left.other },
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(package->texts[EMBARGO_MEMBER_LIST_WORD], reasons[i].word))
			return get_number(package, reasons[i].count);
	return refuse_record(package);
}

static int take_refusal(struct package *package)
{
	char what[EMBARGO_DIAGNOSTIC_TEXT], remedy[EMBARGO_DIAGNOSTIC_TEXT];
	uint64_t number;

	/* One without a word tells nobody why. */
	if (get_number(package, &number) || !number || number >= 4096 ||
	    !package->texts[EMBARGO_MEMBER_LIST_TEXT][0])
		return refuse_record(package);
	return refuse(package, -(int)number,
		      embargo_utf8_printable(package->texts[EMBARGO_MEMBER_LIST_TEXT], what,
					     sizeof(what)),
		      embargo_utf8_printable(package->texts[EMBARGO_MEMBER_LIST_MORE], remedy,
					     sizeof(remedy)));
}

static int take_record(struct package *package)
{
	const char *what = package->texts[EMBARGO_MEMBER_LIST_WHAT];

	if (package->has_ended)
		return refuse_record(package);
	if (!strcmp(what, EMBARGO_MEMBER_LIST_FILE))
		return take_file(package);
	if (!strcmp(what, EMBARGO_MEMBER_LIST_LEFT))
		return take_left(package);
	if (!strcmp(what, EMBARGO_MEMBER_LIST_REFUSED))
		return take_refusal(package);
	package->has_ended = !strcmp(what, EMBARGO_MEMBER_LIST_END);
	return package->has_ended ? 0 : refuse_record(package);
}

/* Both have the same descriptor, and with it where in the file the other one is. */
static int tell_progress(struct package *package)
{
	const struct embargo_import_taker *taker = package->import->taker;
	const off_t done = lseek(package->import->fd, 0, SEEK_CUR);

	return taker->progress(taker->context, done > 0 ? (uint64_t)done : 0, package->size);
}

static int read_records(struct package *package, FILE *from)
{
	int error = 0;

	while (!error && read_record(package, from)) {
		error = take_record(package);
		if (!error && !(package->records++ % PROGRESS_STEP))
			error = tell_progress(package);
	}
	return error;
}

static int list(struct package *package, const char *program)
{
	const struct embargo_import *import = package->import;
	const char *arguments[4] = { program };
	_cleanup_fclose_ FILE *from = NULL;
	struct embargo_helper helper;
	int error, end, count = 1;

	if (import->choice->takes_all)
		arguments[count++] = "--all";
	if (import->is_unconfined)
		arguments[count++] = "--unconfined";
	if (lseek(import->fd, 0, SEEK_SET))
		return refuse(package, -errno, strerror(errno), "name a regular file");
	error = embargo_helper_start(program, arguments, import->fd, &helper);
	if (error)
		return refuse(package, error, strerror(-error), "free some memory");
	from = fdopen(helper.output, "r");
	error = from ? read_records(package, from) : refuse(package, -ENOMEM, strerror(ENOMEM), "");
	if (!from)
		close(helper.output);
	/* Who has gone wrong closes the pipe, of which the other ends. */
	if (from)
		fclose(TAKE_PTR(from));
	end = embargo_helper_wait(&helper);
	if (error)
		return error;
	if (!end && package->has_ended)
		return embargo_left_note(&package->left, import->taker);
	return refuse(package, -EPROTO, "ended the process that took it apart",
		      "it is too large for that, or hostile: unpack it where no harm is done, and "
		      "import the folder");
}

int embargo_import_package(struct embargo_import *import)
{
	_cleanup_(free_package) struct package package = { .import = import };
	char program[PATH_MAX], what[EMBARGO_DIAGNOSTIC_TEXT];
	struct stat status;
	int error;

	if (embargo_helper_find(EMBARGO_MEMBER_LIST, program)) {
		snprintf(what, sizeof(what), "there is no %.400s, which takes packages apart",
			 program);
		return refuse(
			&package, -ENOPKG, what,
			"build embargo where libarchive is, or unpack it and import the folder");
	}
	if (fstat(import->fd, &status))
		return refuse(&package, -errno, strerror(errno), "look after the disk");
	package.size = (uint64_t)status.st_size;
	error = embargo_origin_read(import, &package.origin);
	return error ? error : list(&package, program);
}
