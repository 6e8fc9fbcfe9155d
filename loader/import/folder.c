// SPDX-License-Identifier: GPL-2.0-or-later
/* Importing a folder, such as an unpacked image: the code below it, on its own file system. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/identity/module.h"
#include "loader/import/import.h"
#include "loader/import/left.h"
#include "loader/import/looking.h"
#include "loader/watch/candidate.h"
#include "loader/watch/inventory.h"

bool embargo_import_is_folder(const struct embargo_import_head *head)
{
	return S_ISDIR(head->mode);
}

struct folder {
	struct embargo_import *import;
	struct embargo_inventory *inventory;
	struct embargo_looking looking;
	struct embargo_left left;
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

static int take_inner(struct folder *folder, const char *path, const struct embargo_content *inner)
{
	_cleanup_free_
	char *name = embargo_module_inner_name(path);

	return name ? take(folder, name, EMBARGO_KIND_MODULE, inner) : -ENOMEM;
}

static void leave_out(struct folder *folder, const char *name)
{
	if (embargo_candidate_is_interpreted(name))
		folder->left.interpreted++;
	else
		folder->left.other++;
}

/* What a package would give, too: code by its first bytes, and what has an x bit. */
static int take_file(struct folder *folder, const char *name, mode_t mode,
		     const struct embargo_specimen *specimen)
{
	const bool is_code =
		specimen->kind != EMBARGO_KIND_UNKNOWN || mode & 0111 || specimen->inner_error;
	int error;

	folder->left.damaged += specimen->inner_error != 0;
	if (!is_code && !folder->import->choice->takes_all) {
		leave_out(folder, name);
		return 0;
	}
	error = take(folder, name, specimen->kind, &specimen->file);
	if (!error && specimen->has_inner)
		error = take_inner(folder, name, &specimen->inner);
	return error;
}

/* Nobody need look into what cannot be code. */
static bool is_candidate(const struct folder *folder, const struct embargo_inventory_file *file,
			 mode_t mode)
{
	return folder->import->choice->takes_all || embargo_candidate_by_name(file->path, mode) ||
	       embargo_candidate_by_magic(file->fd);
}

/* From the folder on, which may be named with a slash at its end. */
static const char *name_below(const char *folder, const char *path)
{
	const size_t length = strlen(folder);
	const char *name = path + length - (length && folder[length - 1] == '/');

	return name[0] ? name : path;
}

static int look_at(struct folder *folder, const struct embargo_inventory_file *file)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	const char *name = name_below(folder->import->path, file->path);
	struct stat status;
	int error;

	if (fstat(file->fd, &status))
		return -errno;
	if (!is_candidate(folder, file, status.st_mode)) {
		leave_out(folder, name);
		return 0;
	}
	error = embargo_looking_look(&folder->looking, file->fd, &specimen);
	if (!error)
		return take_file(folder, name, status.st_mode, &specimen);
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

/* What nobody looked at is never passed over in silence. */
static int conclude(struct folder *folder)
{
	struct embargo_diagnostic *diagnostic = folder->import->diagnostic;
	struct embargo_inventory_progress progress;

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
	folder->left.mounted = progress.mounted;
	return embargo_left_note(&folder->left, folder->import->taker);
}

int embargo_import_folder(struct embargo_import *import)
{
	_cleanup_(close_folder) struct folder folder = { .import = import };
	int error = embargo_inventory_open(&folder.inventory);

	if (!error) {
		embargo_inventory_give_all(folder.inventory);
		error = embargo_inventory_add(folder.inventory, import->path);
	}
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
