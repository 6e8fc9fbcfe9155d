/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modules that the kernel has loaded, and the files that they came from. */
#ifndef EMBARGO_SWEEP_MODULES_H
#define EMBARGO_SWEEP_MODULES_H

#include <stdbool.h>

#include "loader/identity/specimen.h"

/* Bytes of modules.dep: some 700 KiB for a distribution's 4,000 modules. */
#define EMBARGO_MODULES_TABLE (16u << 20)

struct embargo_modules;

/*
 * Reads which files there are for the kernel that runs, below @root ("" but in tests). The caller
 * closes @modules; NULL may be closed. Returns 0 or -errno.
 */
int embargo_modules_open(const char *root, struct embargo_modules **modules);
void embargo_modules_close(struct embargo_modules *modules);

/* The file of the module called @name, or NULL: it was loaded from somewhere else. */
const char *embargo_modules_file(const struct embargo_modules *modules, const char *name);

/*
 * Calls @each for every loaded module. Stops where @each returns other than 0, and returns that.
 * Returns 0 or -errno.
 */
int embargo_modules_each(const struct embargo_modules *modules,
			 int (*each)(void *context, const char *name), void *context);

/*
 * May the loaded module @name have come from the file that is @specimen? Not where their build ids
 * or srcversions differ, as after an upgrade of the file. A module that has neither is known by its
 * name alone.
 */
bool embargo_modules_is_file(const struct embargo_modules *modules, const char *name,
			     const struct embargo_specimen *specimen);

#endif
