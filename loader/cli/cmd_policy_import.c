// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy import`: a digest list out of other people's lists, with where each entry is
 * from. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/base/progress.h"
#include "loader/cli/cmd_policy.h"
#include "loader/cli/reading.h"
#include "loader/cli/spool.h"
#include "loader/cli/suppliers.h"
#include "loader/crypto/sha256.h"
#include "loader/import/confined.h"
#include "loader/import/listing.h"
#include "loader/model/digest.h"
#include "loader/text/name.h"

/* As much of a name as policies keep of one. */
#define VENDOR_SIZE 1024

struct options {
	const char *format;
	const char *output;
	struct embargo_texts vendors;
	bool all;
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
	{ .name = "output",
	  .argument = "FILE",
	  .summary = "write there, at once and whole, and not to standard output",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, output) },
	EMBARGO_UNCONFINED_OPTION(struct options, is_unconfined),
	EMBARGO_OPTIONS_END,
};

struct importing {
	bool is_unconfined;
	const struct embargo_import_format *format; /* NULL: to be told from each file */
	struct embargo_import_choice choice;
	char *vendors[EMBARGO_TEXTS_MAX];
	struct embargo_spool spool;
	struct embargo_listing listing;
	struct embargo_progress progress;
	const char *path;		    /* of the file that is read */
	struct embargo_suppliers suppliers; /* where none was chosen */
	size_t taken, empty;
};

static void stop(struct importing *importing)
{
	for (size_t i = 0; i < ARRAY_SIZE(importing->vendors); i++)
		free(importing->vendors[i]);
	embargo_suppliers_free(&importing->suppliers);
	embargo_listing_free(&importing->listing);
	embargo_spool_close(&importing->spool);
	embargo_progress_clear(&importing->progress);
}

static int take_entry(void *context, const struct embargo_import_entry *entry)
{
	struct importing *importing = context;

	if (embargo_digest_is_of_nothing(&entry->digest)) {
		importing->empty++;
		return 0;
	}
	importing->taken++;
	return embargo_listing_add(&importing->listing, entry);
}

static int take_package(void *context, const struct embargo_import_package *package)
{
	(void)context, (void)package;
	return 0;
}

static int take_supplier(void *context, const char *name, uint64_t count)
{
	struct importing *importing = context;

	return embargo_suppliers_add(&importing->suppliers, name, count);
}

static int take_note(void *context, const char *text)
{
	struct importing *importing = context;

	embargo_progress_clear(&importing->progress);
	embargo_log_error(importing->path, "%s", text);
	return 0;
}

static int take_progress(void *context, uint64_t done, uint64_t total)
{
	struct importing *importing = context;

	embargo_progress_tell(&importing->progress, done, total);
	return 0;
}

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

/* Opens what @path leads to; a folder is not read by its bytes. */
static int open_source(const char *path, int *fd, struct stat *status)
{
	int opened = open(path, O_PATH | O_CLOEXEC), error = 0;

	if (opened < 0)
		return -errno;
	if (fstat(opened, status))
		error = -errno;
	close(opened);
	if (error || !S_ISDIR(status->st_mode))
		return error ? error : embargo_file_open(path, fd, status);
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

static int refuse(const char *path, const char *what, const char *remedy)
{
	embargo_log_error(path, "%s; %s", what, remedy);
	return -EINVAL;
}

static int tell_format(struct importing *importing, int fd, mode_t mode,
		       const struct embargo_import_format **format)
{
	char bytes[EMBARGO_IMPORT_HEAD];
	struct embargo_import_head head = { .mode = mode, .bytes = bytes };
	ssize_t got = S_ISDIR(mode) ? 0 : embargo_file_pread(fd, bytes, sizeof(bytes), 0);
	const char *what;

	if (got < 0)
		return refuse(importing->path, strerror((int)-got), "look after the disk");
	head.size = (size_t)got;
	*format = importing->format ? importing->format : embargo_import_format_of(&head);
	if (*format)
		return 0;
	what = embargo_import_unread(&head);
	if (what) {
		embargo_log_error(importing->path, "%s", what);
		return -EINVAL;
	}
	return refuse(importing->path, got ? "is in no form that is known here" : "is empty",
		      got ? "name it with --format, see embargo help policy import"
			  : "is this the file that you mean?");
}

static int check_vendors(const struct importing *importing,
			 const struct embargo_import_format *format)
{
	if (format->has_vendors || !importing->choice.vendor_count)
		return 0;
	embargo_log_error(importing->path, "%s says nothing of vendors; leave --vendor out",
			  format->name);
	return -EINVAL;
}

static int check_size(const struct importing *importing, const struct embargo_import_format *format,
		      const struct stat *status)
{
	if (!format->limit || !S_ISREG(status->st_mode) ||
	    (uint64_t)status->st_size <= format->limit)
		return 0;
	embargo_log_error(importing->path, "holds %llu MiB, where %llu are read of %s; %s",
			  (unsigned long long)status->st_size >> 20,
			  (unsigned long long)format->limit >> 20, format->name, format->smaller);
	return -E2BIG;
}

/* The comment under which all of a source stands. A folder has no digest. */
static int print_head(struct importing *importing, const struct embargo_import_format *format,
		      int fd, mode_t mode)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], text[EMBARGO_IMPORT_TEXT];
	struct embargo_digest digest;
	int error;

	if (S_ISDIR(mode)) {
		snprintf(text, sizeof(text), "from %.3800s (%s)", importing->path, format->name);
	} else {
		error = embargo_sha256_file(fd, &digest, NULL);
		if (error)
			return refuse(importing->path, strerror(-error), "look after the disk");
		snprintf(text, sizeof(text), "from %.3800s (%s), whose sha256 is %s",
			 importing->path, format->name,
			 embargo_hex_format(digest.bytes, sizeof(digest.bytes), hex));
	}
	embargo_listing_head(&importing->listing, text);
	return 0;
}

static int read_source(struct importing *importing, const struct embargo_import_format *format,
		       int fd)
{
	const struct embargo_import_taker taker = {
		.context = importing,
		.entry = take_entry,
		.package = take_package,
		.supplier = take_supplier,
		.note = take_note,
		.progress = take_progress,
	};
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_import import = {
		.path = importing->path,
		.fd = fd,
		.choice = &importing->choice,
		.taker = &taker,
		.diagnostic = &diagnostic,
		.is_unconfined = importing->is_unconfined,
	};
	int error = importing->is_unconfined || format->opens_files
			    ? format->read(&import)
			    : embargo_import_read_confined(format, &import);

	embargo_progress_clear(&importing->progress);
	if (error && !diagnostic.what[0])
		embargo_diagnostic_what(&diagnostic, error, "%s", strerror(-error));
	if (error)
		embargo_log_diagnostic(importing->path, &diagnostic);
	return error;
}

/* The digest in the list's head and what was read have to be of the same bytes. */
static int check_unchanged(const struct importing *importing, int fd, const struct stat *before)
{
	struct stat after;

	if (fstat(fd, &after))
		return refuse(importing->path, strerror(errno), "look after the disk");
	if (S_ISDIR(after.st_mode) ||
	    (after.st_size == before->st_size && after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	     after.st_mtim.tv_nsec == before->st_mtim.tv_nsec))
		return 0;
	return refuse(importing->path, "changed while it was read",
		      "try again when it is complete");
}

/* To take everything that a source of many vendors holds would be wrong in nearly all of it. */
static int refuse_nothing(struct importing *importing, const struct embargo_import_format *format)
{
	if (!importing->suppliers.count)
		return refuse(importing->path, "nothing in it is taken",
			      importing->choice.vendor_count
				      ? "leave --vendor out, to have the names in it listed"
				      : "is this the file that you mean?");
	embargo_log_error(
		importing->path,
		"%s is of many vendors; choose --vendor NAME of these, which have so many "
		"files or packages in it:",
		format->name);
	embargo_suppliers_tell(&importing->suppliers);
	return -EINVAL;
}

static int import_file(struct importing *importing, const char *path)
{
	const struct embargo_import_format *format = NULL;
	_cleanup_close_ int fd = -1;
	struct stat status;
	size_t before = importing->taken;
	int error;

	importing->path = path;
	error = open_source(path, &fd, &status);
	if (error)
		return refuse(path, embargo_file_error(error), "name a file that can be read");
	error = tell_format(importing, fd, status.st_mode, &format);
	if (!error)
		error = check_vendors(importing, format);
	if (!error)
		error = check_size(importing, format, &status);
	if (!error)
		error = print_head(importing, format, fd, status.st_mode);
	if (!error)
		error = read_source(importing, format, fd);
	if (!error)
		error = check_unchanged(importing, fd, &status);
	return !error && importing->taken == before ? refuse_nothing(importing, format) : error;
}

static int import_all(struct importing *importing, int count, char **paths)
{
	int error = 0;

	embargo_progress_start(&importing->progress, "reading", 0);
	for (int i = 0; i < count && !error; i++)
		error = import_file(importing, paths[i]);
	if (error)
		return error;
	if (importing->empty)
		embargo_log_error("empty files",
				  "%zu left out: their digest would name every empty file",
				  importing->empty);
	return embargo_spool_give(&importing->spool);
}

static int run(int argc, char **argv)
{
	struct options options = { .format = NULL };
	_cleanup_(stop) struct importing importing = { .path = NULL };
	int status = embargo_options_parse(&embargo_verb_policy_import, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_policy_import, NULL);
	importing.is_unconfined = options.is_unconfined;
	if (options.format)
		importing.format = embargo_import_format_named(options.format);
	for (size_t i = 0; i < options.vendors.count; i++)
		if (fold_vendor(options.vendors.text[i], &importing.vendors[i]))
			return EMBARGO_EXIT_FAILURE;
	importing.choice = (struct embargo_import_choice) {
		.vendors = (const char *const *)importing.vendors,
		.vendor_count = options.vendors.count,
		.takes_all = options.all,
	};
	if (embargo_spool_open(&importing.spool, options.output))
		return EMBARGO_EXIT_FAILURE;
	importing.listing.out = importing.spool.out;
	return import_all(&importing, argc, argv) ? EMBARGO_EXIT_FAILURE : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_policy_import = {
	.name = "policy import",
	.operands = "FILE...",
	.summary = "print a digest list out of other people's lists",
	.details = "Each entry stands below where it is from. Nothing is printed where anything of "
		   "it is\nrefused.",
	.options = table,
	.run = run,
};
