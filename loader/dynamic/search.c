// SPDX-License-Identifier: GPL-2.0-or-later
/* Seeking a library. */
#include "loader/dynamic/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A search that goes on; the folder of the object whose list it is stands for $ORIGIN. */
struct seeking {
	const struct embargo_dynamic_search *search;
	const char *name;
	char *found;
};

static bool try(const struct seeking *seeking, const char *folder, size_t length)
{
	int size =
		snprintf(seeking->found, PATH_MAX, "%.*s/%s", (int)length, folder, seeking->name);

	return size < PATH_MAX && seeking->search->fits(seeking->search->context, seeking->found);
}

/* One folder of a list, of @length bytes, with $ORIGIN at its beginning written out. */
static bool try_entry(const struct seeking *seeking, const char *entry, size_t length,
		      const char *origin)
{
	static const char *const words[] = { "$ORIGIN", "${ORIGIN}" };
	char folder[PATH_MAX];
	const char *rest = entry;
	int size;

	for (size_t i = 0; i < 2; i++)
		if (length >= strlen(words[i]) && !strncmp(entry, words[i], strlen(words[i])))
			rest = entry + strlen(words[i]);
	length -= (size_t)(rest - entry);
	/* Another word, or a name that goes on: "$ORIGINAL". */
	if (memchr(rest, '$', length) || (rest == entry ? *rest != '/' : length && *rest != '/'))
		return false;
	size = snprintf(folder, sizeof(folder), "%.*s%.*s",
			rest == entry ? 0 : (int)(strrchr(origin, '/') - origin), origin,
			(int)length, rest);
	return size < PATH_MAX && try(seeking, folder, (size_t)size);
}

static bool try_list(const struct seeking *seeking, const char *list, const char *origin)
{
	size_t length;

	for (; list; list = list[length] ? list + length + 1 : NULL) {
		length = strcspn(list, ":");
		if (length && try_entry(seeking, list, length, origin))
			return true;
	}
	return false;
}

/* A RUNPATH silences the RPATH beside it, and whoever has one goes by no other's RPATH. */
static bool try_rpaths(const struct seeking *seeking, const struct embargo_dynamic_object *object)
{
	if (object->runpath)
		return false;
	for (; object; object = object->loader)
		if (!object->runpath && try_list(seeking, object->rpath, object->path))
			return true;
	return false;
}

static bool try_cache(const struct seeking *seeking)
{
	const char *file;
	size_t at = 0;

	while ((file = embargo_dynamic_cache_next(seeking->search->cache, seeking->name, &at)))
		if ((size_t)snprintf(seeking->found, PATH_MAX, "%s", file) < PATH_MAX &&
		    seeking->search->fits(seeking->search->context, seeking->found))
			return true;
	return false;
}

/* Where the loader lies, its C library does, and that is built into it. */
static bool try_defaults(const struct seeking *seeking)
{
	char loader[PATH_MAX], longer[PATH_MAX + 4];
	const char *folder = loader;

	if (!seeking->search->interpreter || !realpath(seeking->search->interpreter, loader))
		return false;
	*strrchr(loader, '/') = '\0';
	if (!strncmp(loader, "/usr/", 5))
		folder += 4;
	snprintf(longer, sizeof(longer), "/usr%s", folder);
	return try(seeking, folder, strlen(folder)) || try(seeking, longer, strlen(longer)) ||
	       try(seeking, "/lib", 4) || try(seeking, "/usr/lib", 8);
}

bool embargo_dynamic_search(const struct embargo_dynamic_search *search,
			    const struct embargo_dynamic_object *object, const char *name,
			    char found[static PATH_MAX])
{
	const struct seeking seeking = { search, name, found };

	if (strchr(name, '/'))
		return name[0] == '/' && (size_t)snprintf(found, PATH_MAX, "%s", name) < PATH_MAX &&
		       search->fits(search->context, found);
	return try_rpaths(&seeking, object) || try_list(&seeking, object->runpath, object->path) ||
	       try_cache(&seeking) || try_defaults(&seeking);
}
