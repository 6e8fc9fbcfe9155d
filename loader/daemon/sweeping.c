// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping the sweeper. */
#include "loader/daemon/sweeping.h"

#include <cap-ng.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "loader/daemon/reporter.h"
#include "loader/event/to_journal.h"
#include "loader/sweep/sweeper.h"

/* Seconds to wait before it is started again: twice as long each time. */
#define PAUSE_FIRST 1
#define PAUSE_LAST  60

static void say(void *context, int priority, const char *text)
{
	embargo_reporter_say(context, priority, EMBARGO_MESSAGE_SWEEP, "%s", text);
}

/* A child that must not outlive @parent, with signals as a program finds them. */
static void settle(pid_t parent)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
}

/* To read maps, any file and any process, and to end one. The rest is for classifiers to give up.
 */
static int keep_capabilities(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_ADMIN,
			  CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_KILL, CAP_SETUID, CAP_SETGID,
			  -1))
		return -EPERM;
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

static void sweep(struct embargo_reporter *reporter, pid_t parent)
{
	static const struct embargo_sweeper_callbacks callbacks = { .say = say };

	settle(parent);
	if (keep_capabilities())
		say(reporter, LOG_ERR, "the sweeper has not the capabilities that it needs");
	else
		embargo_sweeper_run(&callbacks, reporter);
	_exit(1);
}

static void run_once(struct embargo_reporter *reporter)
{
	pid_t own = getpid(), child = fork();
	int status;

	if (!child)
		sweep(reporter, own);
	if (child < 0)
		return;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return;
	say(reporter, LOG_ERR,
	    "the sweeper was ended; what runs already is looked at when it is back");
}

static void keep(pid_t parent)
{
	struct embargo_reporter reporter = { 0 };
	unsigned int pause = PAUSE_FIRST;

	/* The daemon's lock and the warden's pipe are to be let go of when the daemon ends. */
	close_range(3, ~0U, 0);
	settle(parent);
	embargo_reporter_open(&reporter);
	for (;;) {
		run_once(&reporter);
		sleep(pause);
		pause = 2 * pause < PAUSE_LAST ? 2 * pause : PAUSE_LAST;
	}
}

int embargo_sweeping_start(void)
{
	pid_t own = getpid(), child = fork();

	if (!child)
		keep(own);
	return child < 0 ? -errno : 0;
}
