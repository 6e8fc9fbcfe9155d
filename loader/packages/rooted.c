// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening and resolving below a root, by openat2(2). */
#include "loader/packages/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/file.h"

static int open_below(const struct embargo_rooted *rooted, const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, rooted->root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int embargo_rooted_open(const char *root, struct embargo_rooted *rooted)
{
	_cleanup_close_ int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = embargo_descriptor_path(fd, rooted->root_path);
	if (error)
		return error;
	if (!strcmp(rooted->root_path, "/"))
		rooted->root_path[0] = '\0';
	rooted->root = TAKE_FD(fd);
	rooted->folder = -1;
	rooted->listed[0] = '\0';
	return 0;
}

void embargo_rooted_close(struct embargo_rooted *rooted)
{
	embargo_cleanup_close(&rooted->root);
	embargo_cleanup_close(&rooted->folder);
	rooted->root = rooted->folder = -1;
}

/* Makes @listed the folder that names are looked up in. */
static int enter(struct embargo_rooted *rooted, const char *listed)
{
	const size_t root_length = strlen(rooted->root_path);
	_cleanup_close_ int fd = -1;
	char name[PATH_MAX];
	int error;

	if (rooted->folder >= 0 && !strcmp(rooted->listed, listed))
		return 0;
	fd = open_below(rooted, listed, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	error = embargo_descriptor_path(fd, name);
	if (error)
		return error;
	if (strncmp(name, rooted->root_path, root_length))
		return -EXDEV;
	embargo_cleanup_close(&rooted->folder);
	rooted->folder = TAKE_FD(fd);
	snprintf(rooted->listed, sizeof(rooted->listed), "%s", listed);
	snprintf(rooted->resolved, sizeof(rooted->resolved), "%s", name + root_length);
	return 0;
}

int embargo_rooted_resolve(struct embargo_rooted *rooted, const char *path, char resolved[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	char listed[PATH_MAX], found[PATH_MAX];
	struct stat status;
	int error;

	if (!slash || !slash[1] || slash - path >= PATH_MAX)
		return slash && slash[1] ? -ENAMETOOLONG : -EINVAL;
	snprintf(listed, sizeof(listed), "%.*s", (int)(slash - path), path);
	error = enter(rooted, listed[0] ? listed : "/");
	if (error)
		return error;
	if (fstatat(rooted->folder, slash + 1, &status, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if (snprintf(found, sizeof(found), "%s%s",
		     strcmp(rooted->resolved, "/") ? rooted->resolved : "",
		     slash) >= (int)sizeof(found))
		return -ENAMETOOLONG;
	memcpy(resolved, found, sizeof(found));
	return 0;
}

int embargo_rooted_read(const struct embargo_rooted *rooted, const char *path, size_t limit,
			char **data, size_t *size)
{
	_cleanup_close_ int fd = open_below(rooted, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	return embargo_file_read_all(fd, limit, data, size);
}

DIR *embargo_rooted_folder(const struct embargo_rooted *rooted, const char *path)
{
	_cleanup_close_ int fd = open_below(rooted, path, O_RDONLY | O_DIRECTORY);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		errno = -fd;
	if (folder)
		TAKE_FD(fd);
	return folder;
}
