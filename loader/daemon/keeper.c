// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping the watch. */
#include "loader/daemon/keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "loader/daemon/privileges.h"
#include "loader/daemon/reporter.h"
#include "loader/event/to_journal.h"
#include "loader/watch/watch.h"

/* Seconds to wait before the watch is started again: twice as long each time. */
#define PAUSE_FIRST 1
#define PAUSE_LAST  60

static void say(void *context, int priority, const char *text)
{
	embargo_reporter_say(context, priority, EMBARGO_MESSAGE_WATCH, "%s", text);
}

/* A child that must not outlive @parent, with signals as a program finds them. */
static void settle(pid_t parent, int end_signal)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, end_signal) || getppid() != parent)
		_exit(1);
}

static int watch(struct embargo_reporter *reporter)
{
	static const struct embargo_watch_callbacks callbacks = { .say = say };
	int error = embargo_privileges_keep_watch();

	if (error)
		say(reporter, LOG_ERR, "the watch has not the capabilities that it needs");
	return error ? error : embargo_watch_run(&callbacks, reporter);
}

/* Whether the watch is to be started again: not where it was told to end. */
static int run_once(struct embargo_reporter *reporter)
{
	pid_t own = getpid(), child = fork();
	int status;

	if (!child) {
		settle(own, SIGTERM);
		_exit(watch(reporter) ? 1 : 0);
	}
	if (child < 0)
		return 1;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	embargo_reporter_say(reporter, LOG_ERR, EMBARGO_MESSAGE_WATCH,
			     WIFSIGNALED(status) ? "the watch was ended by signal %d; new files "
						   "are not looked into until it runs again"
						 : "the watch failed (%d); new files are not "
						   "looked into until it runs again",
			     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return 1;
}

static void keep(pid_t parent)
{
	struct embargo_reporter reporter = { 0 };
	unsigned int pause = PAUSE_FIRST;

	settle(parent, SIGTERM);
	embargo_reporter_open(&reporter);
	while (run_once(&reporter)) {
		sleep(pause);
		pause = 2 * pause < PAUSE_LAST ? 2 * pause : PAUSE_LAST;
	}
	_exit(0);
}

int embargo_keeper_start(void)
{
	pid_t own = getpid(), child = fork();

	if (!child)
		keep(own);
	return child < 0 ? -errno : 0;
}
