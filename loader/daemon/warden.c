// SPDX-License-Identifier: GPL-2.0-or-later
/* The warden: waits for the end of a pipe, then unloads. */
#include "loader/daemon/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/daemon/privileges.h"
#include "loader/enact/enact.h"

/* To find what is pinned, and to take it away. */
static const unsigned int rights[] = { CAP_BPF, CAP_SYS_ADMIN };

/* Ctrl-C goes to every process of the terminal: it is the daemon's to obey. */
static void ignore_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

static int unload_at_end(int pipe_end)
{
	struct embargo_diagnostic diagnostic = { 0 };
	char byte;
	int error;

	while (read(pipe_end, &byte, 1) > 0 || errno == EINTR)
		errno = 0;
	error = embargo_enact_stop(&diagnostic);
	if (error && error != -ENOENT) {
		embargo_log_diagnostic(NULL, &diagnostic);
		return 1;
	}
	return 0;
}

int embargo_warden_start(struct embargo_warden *warden)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return -errno;
	}
	if (!child) {
		close(ends[1]);
		ignore_signals();
		if (embargo_privileges_narrow("embargo-warden", rights, ARRAY_SIZE(rights)))
			_exit(1);
		_exit(unload_at_end(ends[0]));
	}
	close(ends[0]);
	*warden = (struct embargo_warden) { .pid = child, .pipe = ends[1] };
	return 0;
}

int embargo_warden_release(struct embargo_warden *warden)
{
	int status;

	close(warden->pipe);
	while (waitpid(warden->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}
