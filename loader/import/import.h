/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imports: the formats of other people's lists, and how each is told and read. */
#ifndef EMBARGO_IMPORT_IMPORT_H
#define EMBARGO_IMPORT_IMPORT_H

#include <stddef.h>
#include <sys/stat.h>

#include "loader/base/diagnostic.h"
#include "loader/import/entry.h"

/* What a recogniser sees of a file. */
#define EMBARGO_IMPORT_HEAD 4096

struct embargo_import_head {
	mode_t mode; /* a regular file or a folder; a folder has no bytes */
	const char *bytes;
	size_t size;
};

/* What of a source is taken. */
struct embargo_import_choice {
	const char *const *vendors; /* folded; with a * at its end it is any that begins so */
	size_t vendor_count;
	bool takes_all; /* also what its source does not hold against anybody */
};

/* One reading. */
struct embargo_import {
	const char *path; /* as it was named; for messages */
	int fd;		  /* of the regular file or the folder, open for reading */
	const struct embargo_import_choice *choice;
	const struct embargo_import_taker *taker;
	struct embargo_diagnostic *diagnostic;
	bool is_unconfined; /* a reader that opens files has them looked into in no sandbox */
};

/*
 * A format. @read hands all that it finds to the taker. Errors: -EINVAL the source is not of this
 * form, -E2BIG it crosses a bound, or of reading; the diagnostic says what is wrong and what to do.
 */
struct embargo_import_format {
	const char *name; /* of --format */
	bool (*recognise)(const struct embargo_import_head *head);
	int (*read)(struct embargo_import *import);
	uint64_t limit;	     /* bytes that are read; 0: any */
	const char *smaller; /* what to do about a file beyond that */
	bool has_vendors;    /* --vendor chooses among what it holds */
	bool opens_files;    /* and so reads in a process that may */
};

/* All formats, in the order in which they are asked; a row without a name ends them. */
extern const struct embargo_import_format embargo_import_formats[];

/* NULL where no format has that name, or none recognises the head. */
const struct embargo_import_format *embargo_import_format_named(const char *name);
const struct embargo_import_format *embargo_import_format_of(
	const struct embargo_import_head *head);

/* Is the supplier @name (@length bytes) one of those chosen? */
bool embargo_import_chooses(const struct embargo_import_choice *choice, const char *name);

/* What @head is, where that is known and nobody reads it, and what to do; NULL: not known either.
 */
const char *embargo_import_unread(const struct embargo_import_head *head);

/* Fills the diagnostic, in the file of @import, and returns @error. */
int embargo_import_refuse(const struct embargo_import *import, int error, const char *remedy,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * The SHA-256 that @hex is, of either case; @of names what has it. Errors: -EINVAL, said in the
 * diagnostic: a source with one digest that is none is not believed in the others.
 */
int embargo_import_digest(const struct embargo_import *import, const char *hex, const char *of,
			  struct embargo_digest *digest);

/* Hands on a note, as printf(3) would write it. */
int embargo_import_note(const struct embargo_import *import, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The readers, each in the file of its name. */
int embargo_import_sums(struct embargo_import *import);
bool embargo_import_is_sums(const struct embargo_import_head *head);
bool embargo_import_is_hsb(const struct embargo_import_head *head);
int embargo_import_nsrl(struct embargo_import *import);
bool embargo_import_is_nsrl(const struct embargo_import_head *head);
int embargo_import_package(struct embargo_import *import);
bool embargo_import_is_deb(const struct embargo_import_head *head);
bool embargo_import_is_rpm(const struct embargo_import_head *head);
int embargo_import_folder(struct embargo_import *import);
bool embargo_import_is_folder(const struct embargo_import_head *head);

#endif
