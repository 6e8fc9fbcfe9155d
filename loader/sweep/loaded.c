// SPDX-License-Identifier: GPL-2.0-or-later
/* From a loaded module's name to its file, and through a classifier to what is in that. */
#include "loader/sweep/loaded.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/classify/classifier.h"
#include "loader/sweep/modules.h"

struct embargo_loaded {
	struct embargo_classifier *classifier;
	struct embargo_modules *modules;
	void *tree; /* of struct embargo_loaded_module */
	int (*each)(void *context, const struct embargo_loaded_module *module);
	void *context;
};

static int compare(const void *a, const void *b)
{
	const struct embargo_loaded_module *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static void forget(struct embargo_loaded_module *module)
{
	free(module->path);
	embargo_specimen_free(&module->specimen);
	module->path = NULL;
	module->specimen = (struct embargo_specimen) { .kind = 0 };
}

static void free_module(void *module)
{
	forget(module);
	free(module);
}

static void cleanup_loaded(struct embargo_loaded **loaded)
{
	embargo_loaded_close(*loaded);
}

int embargo_loaded_open(struct embargo_loaded **loaded)
{
	_cleanup_(cleanup_loaded) struct embargo_loaded *made = calloc(1, sizeof(*made));
	int error = made ? embargo_classifier_start(NULL, &made->classifier) : -ENOMEM;

	if (!error)
		error = embargo_modules_open("", &made->modules);
	if (!error)
		*loaded = TAKE_PTR(made);
	return error;
}

void embargo_loaded_close(struct embargo_loaded *loaded)
{
	if (!loaded)
		return;
	tdestroy(loaded->tree, free_module);
	embargo_modules_close(loaded->modules);
	embargo_classifier_stop(loaded->classifier);
	free(loaded);
}

/* One that does not answer is replaced: what it chews on may never end. */
static int classify(struct embargo_loaded *loaded, int fd, struct embargo_specimen *specimen)
{
	int error = -EPIPE;

	if (loaded->classifier)
		error = embargo_classifier_read(loaded->classifier, fd, EMBARGO_LOADED_MS,
						specimen);
	if (error != -ETIMEDOUT && error != -EPIPE)
		return error;
	embargo_classifier_stop(loaded->classifier);
	loaded->classifier = NULL;
	embargo_classifier_start(NULL, &loaded->classifier);
	return error;
}

static bool is_unchanged(const struct embargo_loaded_module *module, const struct stat *status)
{
	return module->path && module->status.st_dev == status->st_dev &&
	       module->status.st_ino == status->st_ino &&
	       module->status.st_size == status->st_size &&
	       module->status.st_ctim.tv_sec == status->st_ctim.tv_sec &&
	       module->status.st_ctim.tv_nsec == status->st_ctim.tv_nsec;
}

/* Looks into the module's file, unless that has been done. Without one the module stays a name. */
static void examine(struct embargo_loaded *loaded, struct embargo_loaded_module *module)
{
	const char *file = embargo_modules_file(loaded->modules, module->name);
	_cleanup_close_ int fd = -1;
	struct stat status;

	if (file && !stat(file, &status) && is_unchanged(module, &status))
		return;
	forget(module);
	if (!file || embargo_file_open(file, &fd, &module->status) ||
	    embargo_arrival_read(fd, &module->arrival) || classify(loaded, fd, &module->specimen))
		return;
	if (embargo_modules_is_file(loaded->modules, module->name, &module->specimen))
		module->path = realpath(file, NULL);
}

static struct embargo_loaded_module *find(struct embargo_loaded *loaded, const char *name)
{
	struct embargo_loaded_module *made = calloc(1, sizeof(*made)), **found;

	if (!made || strlen(name) >= sizeof(made->name)) {
		free(made);
		return NULL;
	}
	strcpy(made->name, name);
	found = tsearch(made, &loaded->tree, compare);
	if (!found || *found != made)
		free(made);
	return found ? *found : NULL;
}

static int visit(void *context, const char *name)
{
	struct embargo_loaded *loaded = context;
	struct embargo_loaded_module *module = find(loaded, name);

	if (!module)
		return 0;
	examine(loaded, module);
	return loaded->each(loaded->context, module);
}

int embargo_loaded_each(struct embargo_loaded *loaded,
			int (*each)(void *context, const struct embargo_loaded_module *module),
			void *context)
{
	loaded->each = each;
	loaded->context = context;
	return embargo_modules_each(loaded->modules, visit, loaded);
}
