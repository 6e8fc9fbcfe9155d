// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon from start to end: an ordered list of steps, each with the reason for its place. */
#include "loader/daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "loader/base/cleanup.h"
#include "loader/base/presence.h"
#include "loader/daemon/keeper.h"
#include "loader/daemon/loop.h"
#include "loader/daemon/manager.h"
#include "loader/daemon/privileges.h"
#include "loader/daemon/warden.h"
#include "loader/enact/enact.h"
#include "loader/event/to_journal.h"
#include "loader/guard/ground.h"
#include "loader/kernel/guard.h"
#include "loader/kernel/guard_object.h"

struct daemon {
	const struct embargo_daemon_options *options;
	struct embargo_enacted enacted;
	struct embargo_reporter reporter;
	struct embargo_loop *loop;
	struct embargo_warden warden;
	int presence;
};

/* First of all: who is stopped half-way would leave half of the work behind. */
static int hold_signals(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	(void)daemon;
	(void)diagnostic;
	return embargo_loop_hold_signals();
}

/* Before there is anything to report: two daemons would take each other's events out of the ring.
 */
static int claim_presence(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	int error = embargo_presence_claim(EMBARGO_PRESENCE_DAEMON, &daemon->presence);

	if (!error)
		return 0;
	if (error != -EAGAIN)
		return embargo_diagnostic_what(diagnostic, error, "%s: %s", EMBARGO_RUN_FOLDER,
					       strerror(-error));
	embargo_diagnostic_what(diagnostic, error, "a daemon runs already, as process %d",
				embargo_presence_holder(EMBARGO_PRESENCE_DAEMON));
	embargo_diagnostic_remedy(diagnostic,
				  "put changed policies in force with `embargo reload`");
	return error;
}

/*
 * Reads, compiles and checks before anything is touched: a policy that is wrong, or that would stop
 * the host's own foundations, changes nothing. Takes over what an earlier daemon or `load` left
 * pinned, without a gap.
 */
static int enforce(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	return embargo_enact_start(&daemon->options->request, &daemon->enacted, diagnostic);
}

/* Only now is there something to take away again; and only this process may still make another. */
static int start_warden(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	int error;

	if (!daemon->options->unload_on_exit)
		return 0;
	error = embargo_warden_start(&daemon->warden);
	return error ? embargo_diagnostic_what(diagnostic, error, "cannot start the warden: %s",
					       strerror(-error))
		     : 0;
}

/*
 * Around what is now in force, and before the processes beside the daemon are there: those inherit
 * what lets them through, and nobody else has it.
 */
static int close_guard(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	if (daemon->enacted.guard == EMBARGO_GUARD_OFF)
		return 0;
	if (daemon->options->unload_on_exit) {
		embargo_diagnostic_remedy(diagnostic, "leave out one of them");
		return embargo_diagnostic_what(diagnostic, -EINVAL,
					       "--unload-on-exit and guard: %s in the settings",
					       embargo_guard_mode_name(daemon->enacted.guard));
	}
	return embargo_ground_guard(daemon->enacted.guard, diagnostic);
}

/* They look into files and processes and put policies in force, with privileges that the daemon is
 * about to give up. */
static int start_kept(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	static const struct embargo_kept *const kept[] = {
		&embargo_keeper_sweeper,
		&embargo_keeper_watch,
		&embargo_keeper_steward,
	};
	int error = 0;

	(void)daemon;
	for (size_t i = 0; i < ARRAY_SIZE(kept) && !error; i++)
		error = embargo_keeper_start(kept[i]);
	return error ? embargo_diagnostic_what(diagnostic, error,
					       "cannot start the processes beside the daemon: %s",
					       strerror(-error))
		     : 0;
}

static int set_up_loop(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	return embargo_loop_create(&daemon->reporter, daemon->enacted.terminal, &daemon->loop,
				   diagnostic);
}

/* Last: everything before needs some privilege, nothing after it does. */
static int drop_privileges(struct daemon *daemon, struct embargo_diagnostic *diagnostic)
{
	(void)daemon;
	return embargo_privileges_drop(diagnostic);
}

static int (*const steps[])(struct daemon *daemon, struct embargo_diagnostic *diagnostic) = {
	hold_signals, claim_presence, enforce,	   start_warden,
	close_guard,  start_kept,     set_up_loop, drop_privileges,
};

static int start(struct daemon *daemon)
{
	struct embargo_diagnostic diagnostic = { 0 };
	char text[3 * EMBARGO_DIAGNOSTIC_TEXT + 64];
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps) && !error; i++)
		error = steps[i](daemon, &diagnostic);
	if (!error)
		return 0;
	/* A guard without a daemon could not be opened any more. */
	if (embargo_guard_is_marked())
		embargo_guard_remove();
	embargo_diagnostic_format(&diagnostic, text, sizeof(text));
	embargo_reporter_say(&daemon->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON, "not started: %s",
			     text[0] ? text : strerror(-error));
	embargo_manager_tell("STATUS=Not started: %s\nERRNO=%d", text, -error);
	return error;
}

static enum embargo_daemon_end run(struct daemon *daemon)
{
	int result;

	if (start(daemon))
		return EMBARGO_DAEMON_FAILED;
	embargo_reporter_say(&daemon->reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
			     "enforcing: %zu policies, %zu rules, %zu digests",
			     daemon->enacted.policy_count, daemon->enacted.rule_count,
			     daemon->enacted.digest_count);
	if (daemon->enacted.unseen)
		embargo_reporter_say(&daemon->reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     EMBARGO_ENACT_UNSEEN);
	if (daemon->enacted.editions.damaged)
		embargo_reporter_say(&daemon->reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     EMBARGO_ENACT_DAMAGED);
	if (daemon->enacted.editions.unremembered)
		embargo_reporter_say(&daemon->reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     EMBARGO_ENACT_UNREMEMBERED);
	if (daemon->enacted.unkept)
		embargo_reporter_say(&daemon->reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     EMBARGO_ENACT_UNKEPT);
	if (daemon->enacted.unready)
		embargo_reporter_say(&daemon->reporter, LOG_WARNING, EMBARGO_MESSAGE_DAEMON,
				     EMBARGO_LAST_FILE " " EMBARGO_ENACT_UNREADY);
	result = embargo_loop_run(daemon->loop);
	embargo_manager_tell("STOPPING=1");
	if (result < 0)
		embargo_reporter_say(&daemon->reporter, LOG_ERR, EMBARGO_MESSAGE_DAEMON,
				     "the loop failed: %s; enforcement goes on without a daemon",
				     strerror(-result));
	else if (!result && !daemon->options->unload_on_exit)
		embargo_reporter_say(&daemon->reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
				     "the daemon stops; what is in force stays in force "
				     "(`embargo unload` takes it away)");
	return result < 0 ? EMBARGO_DAEMON_FAILED
	       : result	  ? EMBARGO_DAEMON_BEREFT
			  : EMBARGO_DAEMON_STOPPED;
}

enum embargo_daemon_end embargo_daemon_run(const struct embargo_daemon_options *options)
{
	struct daemon daemon = { .options = options, .presence = -1, .warden.pipe = -1 };
	enum embargo_daemon_end end;

	embargo_reporter_open(&daemon.reporter);
	end = run(&daemon);
	embargo_loop_free(daemon.loop);
	if (daemon.warden.pid && embargo_warden_release(&daemon.warden))
		end = EMBARGO_DAEMON_FAILED;
	else if (daemon.warden.pid)
		embargo_reporter_say(&daemon.reporter, LOG_NOTICE, EMBARGO_MESSAGE_DAEMON,
				     "nothing is in force any more");
	embargo_reporter_close(&daemon.reporter);
	if (daemon.presence >= 0)
		close(daemon.presence);
	return end;
}
