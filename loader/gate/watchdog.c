// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gate's watchdog. It never holds the fanotify group, so that to end the gate is to open it,
 * and it does for the gate all that could take long: it reads the settings, looks for mounts,
 * writes the report, and says what there is to say.
 */
#include "loader/gate/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/base/presence.h"
#include "loader/gate/roots.h"
#include "loader/gate/shared.h"
#include "loader/policy/settings.h"
#include "loader/watch/mounts.h"

/* Before a gate that ended is started again. */
#define PAUSE_MS 5000

/* As urgent as what keeps a desktop's sound going. */
#define NICE (-11)

/* Mounts of other namespaces tell nobody. */
#define LOOK_TICKS 10

struct watchdog {
	const char *settings;
	struct stat settings_status; /* as they were last read */
	bool is_wanted;		     /* by the settings */
	uint64_t wait_ms;
	struct embargo_gate_shared *shared;
	struct embargo_gate_report report;
	pid_t gate; /* 0: none runs */
	int socket; /* to it */
	int mounts; /* tells of changes */
	int presence;
	bool is_behind;	  /* not all roots were sent */
	bool is_ended;	  /* the gate was sent SIGKILL for not living */
	bool is_unwanted; /* and this for not being wanted any more */
	uint64_t beat_ms; /* the last one that was seen */
	unsigned int missed;
	unsigned int ticks;
	uint64_t ticked_ms;
	uint64_t not_before_ms;
};

static volatile sig_atomic_t is_told_to_end;

static void on_signal(int number)
{
	(void)number;
	is_told_to_end = 1;
}

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Settings that are wrong change nothing. */
static void read_settings(struct watchdog *watchdog)
{
	const char *file = watchdog->settings ? watchdog->settings : EMBARGO_SETTINGS_FILE;
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_settings settings;
	struct stat status = { .st_ino = 0 };

	if (stat(file, &status))
		status = (struct stat) { .st_ino = 0 };
	if (watchdog->ticks && is_same(&status, &watchdog->settings_status))
		return;
	watchdog->settings_status = status;
	if (embargo_settings_read(watchdog->settings, &settings, &diagnostic)) {
		embargo_log_diagnostic("gate", &diagnostic);
		return;
	}
	watchdog->is_wanted = settings.gate;
	watchdog->wait_ms = settings.gate_wait * 1000;
	embargo_settings_free(&settings);
}

static void forget_gate(struct watchdog *watchdog)
{
	if (watchdog->socket >= 0)
		close(watchdog->socket);
	watchdog->socket = -1;
	watchdog->gate = 0;
	watchdog->missed = 0;
	watchdog->is_behind = false;
	watchdog->is_ended = false;
	watchdog->is_unwanted = false;
	atomic_store(&watchdog->shared->state, EMBARGO_GATE_STATE_UNKNOWN);
}

/* In the child: nothing of the watchdog's is kept, neither its descriptors nor what it prints to.
 */
static void be_gate(const struct watchdog *watchdog, int socket)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (null < 0)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	kept = dup2(socket, 3);
	close_range(4, ~0U, 0);
	embargo_gate_run(watchdog->shared, kept, watchdog->wait_ms);
	_exit(1);
}

static int start_gate(struct watchdog *watchdog)
{
	/* Thousands of roots take the gate a moment; one that is stopped takes none. */
	const struct timeval patience = { .tv_usec = EMBARGO_GATE_BEAT_MS * 1000 };
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	child = fork();
	if (!child)
		be_gate(watchdog, pair[1]);
	close(pair[1]);
	if (child < 0) {
		close(pair[0]);
		return -errno;
	}
	atomic_store(&watchdog->shared->beat_ms, now_ms());
	watchdog->gate = child;
	watchdog->socket = pair[0];
	return 0;
}

/* Who waits is let go by the kernel, when it closes what the gate had open. */
static void end_gate(struct watchdog *watchdog)
{
	if (!watchdog->gate || watchdog->is_unwanted)
		return;
	watchdog->is_unwanted = true;
	kill(watchdog->gate, SIGKILL);
}

/* The kernel's own deadline ends it as well, where this process was stopped. */
static bool is_overdue(const struct watchdog *watchdog, int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	       (watchdog->is_ended ||
		now_ms() >= atomic_load(&watchdog->shared->beat_ms) + EMBARGO_QUEUE_HUNG_MS);
}

static void reap_gate(struct watchdog *watchdog)
{
	int status;

	if (!watchdog->gate || waitpid(watchdog->gate, &status, WNOHANG) != watchdog->gate)
		return;
	if (watchdog->is_unwanted) {
		forget_gate(watchdog);
		return;
	}
	if (is_overdue(watchdog, status)) {
		atomic_fetch_add(&watchdog->shared->counts[EMBARGO_GATE_COUNT_OPENED], 1);
		embargo_log_error(
			"gate", "it did not live and %s; all is let go until it is started again",
			watchdog->is_ended ? "was ended" : "the kernel's deadline ended it");
	} else {
		embargo_log_error("gate", "it has ended; all is let go until it is started again");
	}
	forget_gate(watchdog);
	watchdog->not_before_ms = now_ms() + PAUSE_MS;
}

/* A beat counts as left out only where this process was awake to see it. */
static void look_for_life(struct watchdog *watchdog)
{
	uint64_t beat_ms = atomic_load(&watchdog->shared->beat_ms);

	if (!watchdog->gate)
		return;
	watchdog->missed = beat_ms == watchdog->beat_ms ? watchdog->missed + 1 : 0;
	watchdog->beat_ms = beat_ms;
	if (watchdog->missed < EMBARGO_GATE_BEATS || watchdog->is_ended)
		return;
	watchdog->is_ended = true;
	kill(watchdog->gate, SIGKILL);
}

static void send_roots(struct watchdog *watchdog, bool everywhere)
{
	int error;

	if (!watchdog->gate || atomic_load(&watchdog->shared->state) < EMBARGO_GATE_STATE_MARKING)
		return;
	error = embargo_roots_send(watchdog->socket, everywhere);
	watchdog->is_behind = error == -EAGAIN;
	if (error && error != -EAGAIN && error != -EPIPE)
		embargo_log_error("gate", "the mounts cannot be told: %s", strerror(-error));
}

static enum embargo_gate_state find_state(const struct watchdog *watchdog)
{
	enum embargo_gate_state state =
		(enum embargo_gate_state)atomic_load(&watchdog->shared->state);

	if (!watchdog->is_wanted)
		return EMBARGO_GATE_STATE_UNSET;
	if (!access(EMBARGO_GATE_OFF_FILE, F_OK))
		return EMBARGO_GATE_STATE_OFF;
	return state && watchdog->gate ? state : EMBARGO_GATE_STATE_PAUSED;
}

static void tell(struct watchdog *watchdog)
{
	struct embargo_gate_report report = { .state = find_state(watchdog) };

	for (size_t i = 0; i < EMBARGO_GATE_COUNT_COUNT; i++)
		report.counts[i] = atomic_load(&watchdog->shared->counts[i]);
	if (report.state != watchdog->report.state)
		embargo_log_error("gate", "%s", embargo_gate_state_text(report.state));
	if (!memcmp(&report, &watchdog->report, sizeof(report)))
		return;
	watchdog->report = report;
	embargo_gate_report_write(&report);
}

static void tick(struct watchdog *watchdog)
{
	enum embargo_gate_state state;
	pid_t daemon = embargo_presence_look(EMBARGO_PRESENCE_DAEMON, watchdog->presence);

	atomic_store(&watchdog->shared->daemon, daemon > 0 ? daemon : 0);
	read_settings(watchdog);
	look_for_life(watchdog);
	state = find_state(watchdog);
	if (state == EMBARGO_GATE_STATE_UNSET || state == EMBARGO_GATE_STATE_OFF) {
		end_gate(watchdog);
		watchdog->not_before_ms = 0;
	} else if (!watchdog->gate && now_ms() >= watchdog->not_before_ms) {
		start_gate(watchdog);
	}
	if (watchdog->is_behind || watchdog->ticks % LOOK_TICKS == 0)
		send_roots(watchdog, true);
	tell(watchdog);
	watchdog->ticks++;
}

/* The gate wants to be told of all roots. */
static void hear_gate(struct watchdog *watchdog)
{
	char byte;

	if (recv(watchdog->socket, &byte, sizeof(byte), MSG_DONTWAIT) > 0)
		watchdog->is_behind = true;
}

static void turn(struct watchdog *watchdog)
{
	struct pollfd fds[] = {
		{ .fd = watchdog->mounts, .events = POLLPRI },
		{ .fd = watchdog->socket, .events = POLLIN },
	};

	poll(fds, ARRAY_SIZE(fds), EMBARGO_GATE_BEAT_MS);
	reap_gate(watchdog);
	if (watchdog->socket >= 0 && fds[1].revents)
		hear_gate(watchdog);
	if (fds[0].revents || watchdog->is_behind)
		send_roots(watchdog, watchdog->is_behind);
	if (now_ms() >= watchdog->ticked_ms + EMBARGO_GATE_BEAT_MS) {
		watchdog->ticked_ms = now_ms();
		tick(watchdog);
	}
}

/* A journal that hangs, a pipe that nobody reads must not hold the watchdog. */
static void open_output(void)
{
	struct stat status;

	embargo_log_hurry();
	if (!fstat(STDERR_FILENO, &status) && S_ISSOCK(status.st_mode))
		fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
}

static int prepare(struct watchdog *watchdog)
{
	struct sigaction action = { .sa_handler = on_signal };
	void *page = mmap(NULL, sizeof(*watchdog->shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error;

	if (page == MAP_FAILED)
		return -errno;
	watchdog->shared = page;
	setpriority(PRIO_PROCESS, 0, NICE);
	open_output();
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	error = embargo_presence_claim(EMBARGO_PRESENCE_WATCHDOG, &watchdog->presence);
	if (error)
		return error;
	/* What the last one left says that it holds. */
	embargo_gate_report_write(&watchdog->report);
	return embargo_mounts_watch(&watchdog->mounts);
}

int embargo_watchdog_run(const char *settings)
{
	struct watchdog watchdog = {
		.settings = settings,
		.socket = -1,
		.mounts = -1,
		.presence = -1,
	};
	int error = prepare(&watchdog);

	if (error)
		return error;
	while (!is_told_to_end)
		turn(&watchdog);
	end_gate(&watchdog);
	return 0;
}
