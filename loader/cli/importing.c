// SPDX-License-Identifier: GPL-2.0-or-later
/* Telling the form of a file that is imported, having it read, and taking what is found. */
#include "loader/cli/importing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"
#include "loader/base/log.h"
#include "loader/cli/spool.h"
#include "loader/crypto/sha256.h"
#include "loader/import/confined.h"
#include "loader/model/digest.h"
#include "loader/policy/list.h"

/* What the commands have to say where the list or the policy takes no more. */
static int check_taken(struct embargo_importing *importing, int error)
{
	if (error == -E2BIG)
		embargo_diagnostic_remedy(&importing->diagnostic,
					  "leave --rules out, and name the list in a rule: "
					  "digests: { file: ... }");
	if (error == -E2BIG)
		embargo_diagnostic_what(&importing->diagnostic, error,
					"holds more than a policy can");
	return error;
}

static int take_entry(void *context, const struct embargo_import_entry *entry)
{
	struct embargo_importing *importing = context;

	if (embargo_digest_is_of_nothing(&entry->digest)) {
		importing->empty++;
		return 0;
	}
	importing->taken++;
	if (importing->makes_rules)
		return check_taken(importing, embargo_rules_add(&importing->rules, entry));
	return embargo_listing_add(&importing->listing, entry);
}

static int take_package(void *context, const struct embargo_import_package *package)
{
	struct embargo_importing *importing = context;

	if (!importing->makes_rules)
		return 0;
	importing->taken++;
	return check_taken(importing, embargo_rules_add_package(&importing->rules, package));
}

static int take_supplier(void *context, const char *name, uint64_t count)
{
	struct embargo_importing *importing = context;

	return embargo_suppliers_add(&importing->suppliers, name, count);
}

static int take_note(void *context, const char *text)
{
	struct embargo_importing *importing = context;

	embargo_progress_clear(&importing->progress);
	embargo_log_error(importing->path, "%s", text);
	return 0;
}

static int take_progress(void *context, uint64_t done, uint64_t total)
{
	struct embargo_importing *importing = context;

	embargo_progress_tell(&importing->progress, done, total);
	return 0;
}

/* What comes by a pipe is kept first, as much as a list may hold: it is read more than once. */
static int receive(int *fd, struct stat *status)
{
	_cleanup_(embargo_spool_close) struct embargo_spool spool = { .out = NULL };
	char buffer[65536];
	uint64_t total = 0;
	size_t got;

	if (embargo_spool_open(&spool, NULL))
		return -EIO;
	while ((got = fread(buffer, 1, sizeof(buffer), stdin))) {
		total += got;
		if (total > EMBARGO_LIST_BYTES)
			return -EFBIG;
		if (fwrite(buffer, 1, got, spool.out) != got)
			return -errno;
	}
	if (ferror(stdin) || fflush(spool.out))
		return -errno;
	*fd = fcntl(fileno(spool.out), F_DUPFD_CLOEXEC, 0);
	return *fd < 0 || fstat(*fd, status) ? -errno : 0;
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

static int tell_format(struct embargo_importing *importing, int fd, mode_t mode,
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

static int check_vendors(const struct embargo_importing *importing,
			 const struct embargo_import_format *format)
{
	if (format->has_vendors || !importing->choice.vendor_count)
		return 0;
	embargo_log_error(importing->path, "%s says nothing of vendors; leave --vendor out",
			  format->name);
	return -EINVAL;
}

static int check_size(const struct embargo_importing *importing,
		      const struct embargo_import_format *format, const struct stat *status)
{
	if (!format->limit || !S_ISREG(status->st_mode) ||
	    (uint64_t)status->st_size <= format->limit)
		return 0;
	embargo_log_error(importing->path, "holds %llu MiB, where %llu are read of %s; %s",
			  (unsigned long long)status->st_size >> 20,
			  (unsigned long long)format->limit >> 20, format->name, format->smaller);
	return -E2BIG;
}

static int tell_part(void *context)
{
	struct embargo_importing *importing = context;

	embargo_progress_tell(&importing->progress, ++importing->parts, 0);
	return 0;
}

/* The comment under which all of a source stands. A folder has no digest. */
static int print_head(struct embargo_importing *importing,
		      const struct embargo_import_format *format, int fd, mode_t mode)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)], text[EMBARGO_IMPORT_TEXT];
	struct embargo_digest digest;
	int error;

	if (S_ISDIR(mode)) {
		snprintf(text, sizeof(text), "from %.3800s (%s)", importing->path, format->name);
	} else {
		error = embargo_sha256_file_between(fd, tell_part, importing, &digest, NULL);
		if (error)
			return refuse(importing->path, strerror(-error), "look after the disk");
		snprintf(text, sizeof(text), "from %.3800s (%s), whose sha256 is %s",
			 importing->path, format->name,
			 embargo_hex_format(digest.bytes, sizeof(digest.bytes), hex));
	}
	if (importing->makes_rules)
		return embargo_rules_head(&importing->rules, text);
	embargo_listing_head(&importing->listing, text);
	return 0;
}

static int read_source(struct embargo_importing *importing,
		       const struct embargo_import_format *format, int fd)
{
	const struct embargo_import_taker taker = {
		.context = importing,
		.entry = take_entry,
		.package = take_package,
		.supplier = take_supplier,
		.note = take_note,
		.progress = take_progress,
	};
	struct embargo_diagnostic *diagnostic = &importing->diagnostic;
	struct embargo_import import = {
		.path = importing->path,
		.fd = fd,
		.choice = &importing->choice,
		.taker = &taker,
		.diagnostic = diagnostic,
		.is_unconfined = importing->is_unconfined,
	};
	int error;

	*diagnostic = (struct embargo_diagnostic) { .line = 0 };
	error = importing->is_unconfined || format->opens_files
			? format->read(&import)
			: embargo_import_read_confined(format, &import);
	embargo_progress_clear(&importing->progress);
	if (error && !diagnostic->what[0])
		embargo_diagnostic_what(diagnostic, error, "%s", strerror(-error));
	if (error)
		embargo_log_diagnostic(importing->path, diagnostic);
	return error;
}

/* The digest in the list's head and what was read have to be of the same bytes. */
static int check_unchanged(const struct embargo_importing *importing, int fd,
			   const struct stat *before)
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
static int refuse_nothing(struct embargo_importing *importing,
			  const struct embargo_import_format *format)
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

int embargo_importing_read(struct embargo_importing *importing, const char *path)
{
	const struct embargo_import_format *format = NULL;
	_cleanup_close_ int fd = -1;
	struct stat status;
	size_t before = importing->taken;
	int error;

	importing->path = strcmp(path, "-") != 0 ? path : "standard input";
	error = importing->path == path ? open_source(path, &fd, &status) : receive(&fd, &status);
	if (error)
		return refuse(importing->path, embargo_file_error(error),
			      "name a file that can be read");
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

void embargo_importing_stop(struct embargo_importing *importing)
{
	embargo_suppliers_free(&importing->suppliers);
	embargo_listing_free(&importing->listing);
	embargo_rules_free(&importing->rules);
	embargo_progress_clear(&importing->progress);
}
