// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's keyring .blacklist, counted from /proc/keys. */
#include "loader/host/blacklist.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"

/* As wide as the kernel prints a type. */
#define TYPE_SIZE 10

/* The type and where the description begins; false for a line of another form. */
static bool split(const char *line, unsigned int *uid, char type[static TYPE_SIZE],
		  const char **description)
{
	int end = 0;

	if (sscanf(line, "%*8[0-9a-f] %*s %*u %*s %*8[0-9a-f] %u %*d %9s %n", uid, type, &end) != 2)
		return false;
	*description = line + end;
	return end > 0;
}

static void count(struct embargo_blacklist *blacklist, const char *line)
{
	static const char name[] = ".blacklist: ";
	const char *description;
	char type[TYPE_SIZE];
	unsigned int uid;

	/* Only the kernel makes keyrings whose names begin with a dot, and this one is root's. */
	if (!split(line, &uid, type, &description) || uid)
		return;
	if (!strcmp(type, "keyring") && !strncmp(description, name, strlen(name))) {
		blacklist->is_known = true;
		blacklist->entries = strtoul(description + strlen(name), NULL, 10);
	}
	if (strcmp(type, "blacklist"))
		return;
	blacklist->files += !strncmp(description, "bin:", 4);
	blacklist->issued += !strncmp(description, "tbs:", 4);
}

void embargo_blacklist_read(const char *root, struct embargo_blacklist *blacklist)
{
	_cleanup_close_ int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = folder < 0 ? -1 : openat(folder, "proc/keys", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_free_
	char *line = NULL;
	size_t size = 0;

	*blacklist = (struct embargo_blacklist) { 0 };
	if (!file && fd >= 0)
		close(fd);
	while (file && getline(&line, &size, file) > 0)
		count(blacklist, line);
	if (!blacklist->is_known)
		*blacklist = (struct embargo_blacklist) { 0 };
}
