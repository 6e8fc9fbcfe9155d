// SPDX-License-Identifier: GPL-2.0-or-later
/* Helpers: found beside the program or where they are installed, and spawned. */
#include "loader/base/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef EMBARGO_PREFIX
#define EMBARGO_PREFIX "/usr"
#endif

/* What a caller sets may name other files to a library, or programs for it to run. */
static const char *const environment[] = { "HOME=/nonexistent", "LC_ALL=C", "PATH=/usr/bin:/bin",
					   NULL };

int embargo_helper_find(const char *name, char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (length > 0) {
		path[length] = '\0';
		slash = strrchr(path, '/');
		if (slash && slash + 1 + strlen(name) < path + PATH_MAX) {
			strcpy(slash + 1, name);
			if (!access(path, X_OK))
				return 0;
		}
	}
	snprintf(path, PATH_MAX, "%s/libexec/embargo/%s", EMBARGO_PREFIX, name);
	return access(path, X_OK) ? -ENOENT : 0;
}

static int spawn(const char *program, const char *const *arguments, int input, int output,
		 pid_t *child)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	if (input < 0)
		error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	else
		error = posix_spawn_file_actions_adddup2(&actions, input, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!error)
		error = posix_spawn(child, program, &actions, NULL, (char *const *)arguments,
				    (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int embargo_helper_start(const char *program, const char *const *arguments, int input,
			 struct embargo_helper *helper)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	error = spawn(program, arguments, input, ends[1], &helper->child);
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		helper->output = ends[0];
	return error;
}

int embargo_helper_wait(const struct embargo_helper *helper)
{
	int status;

	while (waitpid(helper->child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}
