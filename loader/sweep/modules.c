// SPDX-License-Identifier: GPL-2.0-or-later
/* Loaded modules by /proc/modules and /sys/module, their files by modules.dep. */
#include "loader/sweep/modules.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "loader/base/cleanup.h"
#include "loader/base/cursor.h"
#include "loader/base/file.h"
#include "loader/base/hex.h"

/* MODULE_NAME_LEN of linux/module.h, from 64-bit longs: 56 and a NUL. */
#define NAME_SIZE 64

/* A build id is a SHA-1 or shorter; ld takes any number of digits. */
#define BUILD_ID_MAX 64

/* The 24 hex digits that modpost makes of a hash, or what a module claims instead. */
#define SRCVERSION_SIZE 128

/* Of .note.gnu.build-id: one note, of which the name is "GNU". */
#define NOTES_MAX 4096

struct file {
	char name[NAME_SIZE];
	char path[PATH_MAX];
};

struct embargo_modules {
	const char *root;
	void *files; /* by name */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

/* "kernel/drivers/net/dummy-x.ko.xz" is called dummy_x; false where it is no module. */
static bool name_module(const char *path, char name[NAME_SIZE])
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *end = strstr(base, ".ko");
	size_t length = end ? (size_t)(end - base) : 0;

	if (!length || length >= NAME_SIZE)
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[length] = '\0';
	return true;
}

static int add_file(struct embargo_modules *modules, const char *folder, const char *path)
{
	struct file *made = calloc(1, sizeof(*made)), **found;

	if (!made)
		return -ENOMEM;
	if (!name_module(path, made->name)) {
		free(made);
		return 0;
	}
	snprintf(made->path, sizeof(made->path), "%s/%s", path[0] == '/' ? modules->root : folder,
		 path[0] == '/' ? path + 1 : path);
	found = tsearch(made, &modules->files, compare);
	if (!found || *found != made)
		free(made);
	return found ? 0 : -ENOMEM;
}

/* Each line is "PATH: PATH-IT-NEEDS...". */
static int read_table(struct embargo_modules *modules, const char *folder)
{
	char path[PATH_MAX], *rest, *line;
	_cleanup_free_
	char *text = NULL;
	size_t size;
	int error;

	snprintf(path, sizeof(path), "%s/modules.dep", folder);
	error = embargo_file_read(path, EMBARGO_MODULES_TABLE, &text, &size);
	if (error)
		return error == -ENOENT ? 0 : error;
	for (rest = text; !error && (line = strsep(&rest, "\n"));) {
		line[strcspn(line, ":")] = '\0';
		if (*line)
			error = add_file(modules, folder, line);
	}
	return error;
}

int embargo_modules_open(const char *root, struct embargo_modules **modules)
{
	struct embargo_modules *made = calloc(1, sizeof(*made));
	char folder[PATH_MAX / 2];
	struct utsname kernel;
	int error;

	if (!made)
		return -ENOMEM;
	made->root = root;
	uname(&kernel);
	snprintf(folder, sizeof(folder), "%s/lib/modules/%s", root, kernel.release);
	error = read_table(made, folder);
	if (error)
		embargo_modules_close(made);
	else
		*modules = made;
	return error;
}

void embargo_modules_close(struct embargo_modules *modules)
{
	if (!modules)
		return;
	tdestroy(modules->files, free);
	free(modules);
}

const char *embargo_modules_file(const struct embargo_modules *modules, const char *name)
{
	struct file wanted, *const *found;

	if (strlen(name) >= NAME_SIZE)
		return NULL;
	strcpy(wanted.name, name);
	found = tfind(&wanted, &modules->files, compare);
	return found ? (*found)->path : NULL;
}

int embargo_modules_each(const struct embargo_modules *modules,
			 int (*each)(void *context, const char *name), void *context)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_
	char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	int result = 0;

	snprintf(path, sizeof(path), "%s/proc/modules", modules->root);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? 0 : -errno; /* a kernel without modules */
	while (!result && getline(&line, &room, file) > 0) {
		line[strcspn(line, " \n")] = '\0';
		if (*line && !strchr(line, '/'))
			result = each(context, line);
	}
	return result;
}

/*
 *  | name size | content size | type 3 | "GNU\0" | content |
 */
static bool parse_note(const char *bytes, size_t size, char hex[EMBARGO_HEX_SIZE(BUILD_ID_MAX)])
{
	struct embargo_cursor note = embargo_cursor_make(bytes, size);
	const uint8_t *content;
	Elf64_Nhdr head;

	if (size < sizeof(head))
		return false;
	memcpy(&head, embargo_cursor_take(&note, sizeof(head)), sizeof(head));
	if (head.n_namesz != 4 || head.n_type != NT_GNU_BUILD_ID || !head.n_descsz ||
	    head.n_descsz > BUILD_ID_MAX || !embargo_cursor_take(&note, 4))
		return false;
	content = embargo_cursor_take(&note, head.n_descsz);
	if (content)
		embargo_hex_format(content, head.n_descsz, hex);
	return content;
}

/* What the kernel says of itself is no hostile file, but it may be longer than this knows. */
static bool read_build_id(const struct embargo_modules *modules, const char *name,
			  char hex[EMBARGO_HEX_SIZE(BUILD_ID_MAX)])
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[PATH_MAX], bytes[NOTES_MAX];

	snprintf(path, sizeof(path), "%s/sys/module/%s/notes/.note.gnu.build-id", modules->root,
		 name);
	file = fopen(path, "re");
	return file && parse_note(bytes, fread(bytes, 1, sizeof(bytes), file), hex);
}

static bool read_srcversion(const struct embargo_modules *modules, const char *name,
			    char text[SRCVERSION_SIZE])
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/module/%s/srcversion", modules->root, name);
	file = fopen(path, "re");
	if (!file || !fgets(text, SRCVERSION_SIZE, file))
		return false;
	text[strcspn(text, "\n")] = '\0';
	return text[0];
}

/* Does the file have the value @known among those of this kind, or none at all? */
static bool agrees(const struct embargo_specimen *specimen, enum embargo_identity_kind kind,
		   enum embargo_attribute attribute, const char *known)
{
	bool has_other = false;

	for (size_t i = 0; i < specimen->identities.count; i++) {
		const struct embargo_identity *identity = &specimen->identities.array[i];
		const char *text = embargo_identity_value(identity, attribute);

		if (identity->kind != kind || !text)
			continue;
		if (!strcmp(text, known))
			return true;
		has_other = true;
	}
	return !has_other;
}

bool embargo_modules_is_file(const struct embargo_modules *modules, const char *name,
			     const struct embargo_specimen *specimen)
{
	char hex[EMBARGO_HEX_SIZE(BUILD_ID_MAX)], srcversion[SRCVERSION_SIZE];

	if (read_build_id(modules, name, hex) &&
	    !agrees(specimen, EMBARGO_IDENTITY_BUILD_ID,
		    embargo_identity_single(EMBARGO_IDENTITY_BUILD_ID), hex))
		return false;
	return !read_srcversion(modules, name, srcversion) ||
	       agrees(specimen, EMBARGO_IDENTITY_MODINFO, EMBARGO_ATTRIBUTE_SRCVERSION, srcversion);
}
