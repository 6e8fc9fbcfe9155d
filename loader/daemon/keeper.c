// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping the watch, the sweeper and the steward, each with its rights and no more. */
#include "loader/daemon/keeper.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/daemon/privileges.h"
#include "loader/event/to_journal.h"
#include "loader/steward/steward.h"
#include "loader/sweep/sweeper.h"
#include "loader/watch/watch.h"

/* Seconds to wait before a process is started again. */
#define PAUSE_FIRST 1
#define PAUSE_LAST  60

#define KEEPER_NAME "embargo-keeper"

static void say_of_watch(void *context, int priority, const char *text)
{
	embargo_reporter_say(context, priority, EMBARGO_MESSAGE_WATCH, "%s", text);
}

static int run_watch(struct embargo_reporter *reporter)
{
	static const struct embargo_watch_callbacks callbacks = { .say = say_of_watch };

	return embargo_watch_run(&callbacks, reporter);
}

static void say_of_sweep(void *context, int priority, const char *text)
{
	embargo_reporter_say(context, priority, EMBARGO_MESSAGE_SWEEP, "%s", text);
}

static int run_sweeper(struct embargo_reporter *reporter)
{
	static const struct embargo_sweeper_callbacks callbacks = { .say = say_of_sweep };

	embargo_sweeper_run(&callbacks, reporter);
	return -ECHILD;
}

static int run_steward(struct embargo_reporter *reporter)
{
	(void)reporter;
	return embargo_steward_run();
}

/* To be told of written files and to read maps; to read any file and see into any process and mount
 * namespace; to know whether a file has a writer; to have files looked into by nobody, and to end
 * who is stuck with one. */
static const unsigned int watch_rights[] = {
	CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_LEASE,
	CAP_KILL,      CAP_SETUID,	    CAP_SETGID,
};

/* To see into any process, read any file, and end a process. */
static const unsigned int sweeper_rights[] = {
	CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_KILL, CAP_SETUID, CAP_SETGID,
};

/* Those of a reload (steward.c), and to give its socket to a group. */
static const unsigned int steward_rights[] = {
	CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SETGID,
};

const struct embargo_kept embargo_keeper_watch = {
	.name = "the watch",
	.process = "embargo-watch",
	.message = EMBARGO_MESSAGE_WATCH,
	.loss = "new files are not looked into",
	.rights = watch_rights,
	.right_count = ARRAY_SIZE(watch_rights),
	.run = run_watch,
};

const struct embargo_kept embargo_keeper_sweeper = {
	.name = "the sweeper",
	.process = "embargo-sweeper",
	.message = EMBARGO_MESSAGE_SWEEP,
	.loss = "what runs already is not looked at",
	.rights = sweeper_rights,
	.right_count = ARRAY_SIZE(sweeper_rights),
	.run = run_sweeper,
};

const struct embargo_kept embargo_keeper_steward = {
	.name = "the steward",
	.process = "embargo-steward",
	.message = EMBARGO_MESSAGE_DAEMON,
	.loss = "nobody answers requests",
	.rights = steward_rights,
	.right_count = ARRAY_SIZE(steward_rights),
	.run = run_steward,
};

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

static void tell_end(const struct embargo_kept *kept, struct embargo_reporter *reporter, int status)
{
	if (WIFSIGNALED(status))
		embargo_reporter_say(reporter, LOG_ERR, kept->message,
				     "%s was ended by signal %d; %s until it runs again",
				     kept->name, WTERMSIG(status), kept->loss);
	else
		embargo_reporter_say(reporter, LOG_ERR, kept->message,
				     "%s failed; %s until it runs again", kept->name, kept->loss);
}

/* Whether it is to be started again: not where it was told to end. */
static int run_once(const struct embargo_kept *kept, struct embargo_reporter *reporter)
{
	pid_t own = getpid(), child = fork();
	int status;

	if (!child) {
		settle(own, SIGTERM);
		prctl(PR_SET_NAME, kept->process, 0, 0, 0);
		_exit(kept->run(reporter) ? 1 : 0);
	}
	if (child < 0)
		return 1;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	tell_end(kept, reporter, status);
	return 1;
}

unsigned int embargo_keeper_pause(unsigned int last, int64_t lived)
{
	if (!last || lived >= PAUSE_LAST)
		return PAUSE_FIRST;
	return 2 * last < PAUSE_LAST ? 2 * last : PAUSE_LAST;
}

static int64_t seconds(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void keep(const struct embargo_kept *kept, pid_t parent)
{
	struct embargo_reporter reporter = { 0 };
	unsigned int pause = 0;
	int64_t began = seconds();

	/* Not the daemon's lock, and not the warden's pipe, whose end the warden waits for. */
	close_range(3, ~0U, 0);
	settle(parent, SIGTERM);
	embargo_reporter_open(&reporter);
	if (embargo_privileges_narrow(KEEPER_NAME, kept->rights, kept->right_count)) {
		embargo_reporter_say(&reporter, LOG_ERR, kept->message,
				     "%s has not the capabilities that it needs; %s", kept->name,
				     kept->loss);
		_exit(1);
	}
	while (run_once(kept, &reporter)) {
		pause = embargo_keeper_pause(pause, seconds() - began);
		sleep(pause);
		began = seconds();
	}
	_exit(0);
}

int embargo_keeper_start(const struct embargo_kept *kept)
{
	pid_t own = getpid(), child = fork();

	if (!child)
		keep(kept, own);
	return child < 0 ? -errno : 0;
}
