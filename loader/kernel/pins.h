/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pins in the BPF file system: one folder that enforces, and a second one while it is replaced.
 */
#ifndef EMBARGO_KERNEL_PINS_H
#define EMBARGO_KERNEL_PINS_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/base/diagnostic.h"

/* No dot in it: the BPF file system keeps names with dots to itself. */
#define EMBARGO_PIN_NEW EMBARGO_PIN_ROOT "/embargo-new"

/* Holds off every other start, reload and stop until @fd is closed. -ENOTSUP: there is no BPF file
 * system. */
int embargo_pins_lock(int *fd, struct embargo_diagnostic *diagnostic);

/* Makes EMBARGO_PIN_NEW afresh, with folders for maps, programs and links. */
int embargo_pins_create(struct embargo_diagnostic *diagnostic);

/* Puts EMBARGO_PIN_NEW in the place of EMBARGO_PIN_DIR in one step, and takes away what stood
 * there. */
int embargo_pins_install(struct embargo_diagnostic *diagnostic);

/*
 * Do the programs pinned in EMBARGO_PIN_NEW decide, with nobody there any more who would put them
 * in their place or take them away? That is what a start leaves that was killed when it had both.
 */
bool embargo_pins_are_left(void);

/* Removes a folder of pins, links first: what is half removed enforces nothing by half. */
int embargo_pins_remove(const char *folder);

/* "FOLDER/KIND/NAME" into @path, of @size bytes; returns @path. */
char *embargo_pins_path(char *path, size_t size, const char *folder, const char *kind,
			const char *name);

/* Opens the pinned object; returns a descriptor of the caller's, or -errno. */
int embargo_pins_open(const char *kind, const char *name);

/* Says why the pins could not be opened, -ENOENT: nothing enforces. Returns @error. */
int embargo_pins_refuse(int error, struct embargo_diagnostic *diagnostic);

#endif
