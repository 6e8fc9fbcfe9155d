// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing a folder, such as an unpacked image: the code below it, on its own file system. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/import/import.h"
#include "loader/import/looking.h"
#include "loader/watch/inventory.h"

bool embargo_import_is_folder(const struct embargo_import_head *head)
{
	return S_ISDIR(head->mode);
}

struct folder {
	struct embargo_import *import;
	struct embargo_inventory *inventory;
	struct embargo_looking looking;
	uint64_t code, damaged;
	uint64_t failed;		       /* files that could not be read */
	char failure[EMBARGO_DIAGNOSTIC_TEXT]; /* the first of them, and why */
};

static void close_folder(struct folder *folder)
{
	embargo_inventory_close(folder->inventory);
	embargo_looking_stop(&folder->looking);
}

static int take(struct folder *folder, const char *name, enum embargo_kind kind,
		const struct embargo_content *content)
{
	const struct embargo_import_taker *taker = folder->import->taker;
	const struct embargo_import_entry entry = {
		.digest = content->digest,
		.sized = true,
		.size = content->size,
		.kind = kind,
		.name = name,
		.provenance = "",
	};

	return taker->entry(taker->context, &entry);
}

/* "x.ko" for "x.ko.xz": the name of what is in it. */
static int take_inner(struct folder *folder, const char *name, const struct embargo_content *inner)
{
	_cleanup_free_
	char *copy = strdup(name);
	char *dot = copy ? strrchr(copy, '.') : NULL;

	if (!copy)
		return -ENOMEM;
	if (dot && !strchr(dot, '/') && strcmp(dot, ".ko"))
		*dot = '\0';
	return take(folder, copy, EMBARGO_KIND_MODULE, inner);
}

/* What a package would give, too: code by its first bytes, and what has an x bit. */
static int take_file(struct folder *folder, const char *name, int fd,
		     const struct embargo_specimen *specimen)
{
	struct stat status;
	int error;

	folder->damaged += specimen->inner_error != 0;
	if (fstat(fd, &status))
		return -errno;
	if (specimen->kind == EMBARGO_KIND_UNKNOWN && !(status.st_mode & 0111) &&
	    !specimen->inner_error)
		return 0;
	folder->code++;
	error = take(folder, name, specimen->kind, &specimen->file);
	if (!error && specimen->has_inner)
		error = take_inner(folder, name, &specimen->inner);
	return error;
}

static int look_at(struct folder *folder, const struct embargo_inventory_file *file)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	const char *name = file->path + strlen(folder->import->path);
	int error = embargo_looking_look(&folder->looking, file->fd, &specimen);

	if (!error)
		return take_file(folder, name[0] == '/' ? name : file->path, file->fd, &specimen);
	if (!folder->failed++)
		snprintf(folder->failure, sizeof(folder->failure), "%.300s: %s", file->path,
			 embargo_classifier_error(error));
	return error == -ENOMEM ? error : 0;
}

static int walk(struct folder *folder)
{
	const struct embargo_import_taker *taker = folder->import->taker;
	struct embargo_inventory_progress progress;
	struct embargo_inventory_file file;
	int found, error = 0;

	while (!error && (found = embargo_inventory_next(folder->inventory, &file))) {
		if (found > 0) {
			error = look_at(folder, &file);
			close(file.fd);
		} else if (found != -EAGAIN) {
			return found;
		}
		embargo_inventory_progress(folder->inventory, &progress);
		if (!error)
			error = taker->progress(taker->context, progress.seen, progress.expected);
	}
	return error;
}

static int note(struct folder *folder, uint64_t count, const char *what)
{
	const struct embargo_import_taker *taker = folder->import->taker;
	char text[EMBARGO_DIAGNOSTIC_TEXT];

	snprintf(text, sizeof(text), "%" PRIu64 " %s", count, what);
	return count ? taker->note(taker->context, text) : 0;
}

/* What nobody looked at is never passed over in silence. */
static int conclude(struct folder *folder)
{
	struct embargo_diagnostic *diagnostic = folder->import->diagnostic;
	struct embargo_inventory_progress progress;
	int error;

	embargo_inventory_progress(folder->inventory, &progress);
	if (progress.skipped || folder->failed) {
		embargo_diagnostic_remedy(diagnostic, "import it as a user who may read all of it");
		return embargo_diagnostic_what(
			diagnostic, -EACCES,
			"%" PRIu64
			" files and folders below it cannot be read, or lie too deep%s%s",
			progress.skipped + folder->failed, folder->failed ? "; " : "",
			folder->failure);
	}
	error = note(
		folder, folder->damaged,
		"compressed modules cannot be read, so that only the compressed files are taken");
	return error ? error
		     : note(folder, progress.seen - folder->code,
			    "other files left out, which are no code to the kernel; what an "
			    "interpreter reads (Python, Java and the like) is among them, and no "
			    "digest stops it");
}

int embargo_import_folder(struct embargo_import *import)
{
	_cleanup_(close_folder) struct folder folder = { .import = import };
	int error = embargo_inventory_open(&folder.inventory);

	if (!error)
		error = embargo_inventory_add(folder.inventory, import->path);
	if (error)
		return embargo_diagnostic_what(import->diagnostic, error, "%s", strerror(-error));
	error = embargo_looking_start(&folder.looking, import->is_unconfined, import->diagnostic);
	if (error)
		return error;
	error = walk(&folder);
	if (error && !import->diagnostic->what[0])
		embargo_diagnostic_what(import->diagnostic, error, "%s", strerror(-error));
	return error ? error : conclude(&folder);
}
