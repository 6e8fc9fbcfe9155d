/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the files of the loaded modules: each is looked into once. */
#ifndef EMBARGO_SWEEP_LOADED_H
#define EMBARGO_SWEEP_LOADED_H

#include <sys/stat.h>

#include "loader/identity/specimen.h"
#include "loader/verdict/arrival.h"

struct embargo_loaded;

/* One module, as its file was when it was looked into. */
struct embargo_loaded_module {
	char name[64];
	char *path; /* of its file, resolved; NULL: not known, or it cannot be read */
	struct stat status;
	struct embargo_specimen specimen;
	struct embargo_arrival arrival;
};

/* What a classifier gets to look into one module. */
#define EMBARGO_LOADED_MS 10000

/*
 * To be called before there is anything that a classifier must not have. The caller closes @loaded;
 * NULL may be closed. Returns 0 or -errno.
 */
int embargo_loaded_open(struct embargo_loaded **loaded);
void embargo_loaded_close(struct embargo_loaded *loaded);

/* Calls @each for each loaded module; a nonzero return ends it and is handed on. Errors: -errno. */
int embargo_loaded_each(struct embargo_loaded *loaded,
			int (*each)(void *context, const struct embargo_loaded_module *module),
			void *context);

#endif
