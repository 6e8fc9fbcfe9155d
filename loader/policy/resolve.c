// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a rule's path leads: realpath(3), but for paths that need not exist and links to mistrust.
 */
#include "loader/policy/resolve.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
	char done[PATH_MAX]; /* resolved so far, without a slash at its end */
	char rest[PATH_MAX]; /* still to be walked */
	bool missing;	     /* what follows does not exist, or is not looked at */
	bool left_link;
	int links;
};

/* Takes the next component of `rest` into @name: 1, 0 at the end, or -ENAMETOOLONG. */
static int next_component(struct walk *walk, char name[NAME_MAX + 1])
{
	size_t skip = strspn(walk->rest, "/");
	size_t length = strcspn(walk->rest + skip, "/");

	if (!length)
		return 0;
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, walk->rest + skip, length);
	name[length] = '\0';
	memmove(walk->rest, walk->rest + skip + length, strlen(walk->rest + skip + length) + 1);
	return 1;
}

static int append(struct walk *walk, const char *name)
{
	size_t used = strlen(walk->done);

	if (used + 1 + strlen(name) >= sizeof(walk->done))
		return -ENAMETOOLONG;
	walk->done[used] = '/';
	strcpy(walk->done + used + 1, name);
	return 0;
}

static void drop_last(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash)
		*slash = '\0';
}

/* `done` ends in a link: puts what it holds in front of the rest. */
static int follow(struct walk *walk)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t length = readlink(walk->done, target, sizeof(target) - 1);

	if (length < 0) {
		walk->missing = true;
		return 0;
	}
	target[length] = '\0';
	if (++walk->links > EMBARGO_RESOLVE_LINKS)
		return -ELOOP;
	if ((size_t)snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest) >= sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(walk->rest, rest);
	if (target[0] == '/')
		walk->done[0] = '\0';
	else
		drop_last(walk);
	return 0;
}

static int step(struct walk *walk, const char *name)
{
	struct stat status;
	int error;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		drop_last(walk);
		return 0;
	}
	error = append(walk, name);
	if (error || walk->missing)
		return error;
	if (lstat(walk->done, &status)) {
		walk->missing = true;
		return 0;
	}
	if (!S_ISLNK(status.st_mode))
		return 0;
	if (status.st_uid && status.st_uid != geteuid()) {
		walk->missing = walk->left_link = true;
		return 0;
	}
	return follow(walk);
}

int embargo_path_resolve(const char *path, char *resolved, size_t size, bool *left_link)
{
	struct walk walk = { 0 };
	size_t length = strlen(path);
	char name[NAME_MAX + 1];
	int more;

	if (length >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	memcpy(walk.rest, path, length + 1);
	while ((more = next_component(&walk, name)) > 0) {
		int error = step(&walk, name);

		if (error)
			return error;
	}
	if (more < 0)
		return more;
	if ((size_t)snprintf(resolved, size, "%s%s", walk.done,
			     path[length - 1] == '/' ? "/" : "") >= size)
		return -ENAMETOOLONG;
	if (left_link)
		*left_link = walk.left_link;
	return 0;
}
