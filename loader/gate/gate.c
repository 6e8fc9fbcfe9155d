// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gate: holds who wants to run a file that nobody has looked into, asks the watch, and lets go.
 *
 * It never refuses: that is the kernel half's to do, right behind it. All that it may wait for is
 * poll(2), and each wait has an end. It opens nothing, reads no file, logs nothing. When it ends,
 * however it does, the kernel closes the group, and whoever waits runs on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/presence.h"
#include "loader/base/socket.h"
#include "loader/gate/shared.h"
#include "loader/watch/asked.h"

/* Not in the headers of glibc before 2.37; Linux 5.19. */
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x200
#endif

/* Events between two looks at the other descriptors. */
#define AT_ONCE 64

/* Its own, over those of the executions that it holds. */
#define DESCRIPTORS (EMBARGO_QUEUE_MAX + 64)

/* Processor time without a pause. */
#define RUN_MOST_US 1000000

/* A file that changed less than as many seconds ago may change again with the same time. */
#define FRESH_S 2

struct gate {
	struct embargo_gate_shared *shared;
	struct embargo_queue *queue;
	uint64_t wait_ms;
	timer_t deadline;
	int group;
	int watchdog;
	int watch;	 /* -1: nobody to ask */
	pid_t watch_pid; /* and the number of its process group */
	bool is_marking; /* rules look into files, as the watch last said */
	bool is_marked;	 /* all file systems that there were are */
	bool has_missed; /* one of those told of did not arrive: no descriptor was free for it */
	uint64_t tried_ms;
};

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void count(const struct gate *gate, enum embargo_gate_count what)
{
	atomic_fetch_add_explicit(&gate->shared->counts[what], 1, memory_order_relaxed);
}

static void let_go(const struct gate *gate, int fd, enum embargo_gate_count why)
{
	const struct fanotify_response response = { .fd = fd, .response = FAN_ALLOW };
	bool is_told = write(gate->group, &response, sizeof(response)) == sizeof(response);

	/* Untold is who was killed meanwhile. */
	count(gate, is_told ? why : EMBARGO_GATE_COUNT_UNANSWERED);
	close(fd);
}

static void let_go_late(void *context, const struct embargo_held *held)
{
	let_go(context, held->fd, EMBARGO_GATE_COUNT_LATE);
}

static void let_go_failed(void *context, const struct embargo_held *held)
{
	let_go(context, held->fd, EMBARGO_GATE_COUNT_FAILED);
}

static void let_go_unanswered(void *context, const struct embargo_held *held)
{
	let_go(context, held->fd, EMBARGO_GATE_COUNT_UNANSWERED);
}

/*
 * What the kernel forgets a mark for is a write. Changes through a shared mapping it does not tell
 * of, so that a file which somebody but root may write to is asked about each time; and one that
 * is as young as a clock's tick could have changed while it was examined.
 */
static bool may_be_passed_over(const struct stat *status)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return !status->st_uid && !(status->st_mode & (S_IWGRP | S_IWOTH)) &&
	       status->st_ctim.tv_sec < now.tv_sec - FRESH_S;
}

/* The next to run this file is not held, as long as it stays as it was when it was asked about. */
static void pass_over(const struct gate *gate, const struct embargo_held *held)
{
	const unsigned int flags = FAN_MARK_IGNORED_MASK | FAN_MARK_EVICTABLE;
	struct embargo_held_file file;
	struct stat status;
	char path[64];

	if (fstat(held->fd, &status) || !may_be_passed_over(&status))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", held->fd);
	if (fanotify_mark(gate->group, FAN_MARK_ADD | flags, FAN_OPEN_EXEC_PERM, AT_FDCWD, path))
		return;
	/* Changes before the mark show here, those after it take the mark away. */
	if (!fstat(held->fd, &status)) {
		embargo_held_file_read(&status, &file);
		if (embargo_held_file_is(&file, &held->file))
			return;
	}
	fanotify_mark(gate->group, FAN_MARK_REMOVE | flags, FAN_OPEN_EXEC_PERM, AT_FDCWD, path);
}

static void let_go_examined(void *context, const struct embargo_held *held)
{
	pass_over(context, held);
	let_go(context, held->fd, EMBARGO_GATE_COUNT_ALLOWED);
}

static void set_state(const struct gate *gate)
{
	enum embargo_gate_state state = EMBARGO_GATE_STATE_HOLDING;

	if (gate->watch < 0)
		state = EMBARGO_GATE_STATE_ALONE;
	else if (!gate->is_marking)
		state = EMBARGO_GATE_STATE_IDLE;
	else if (!gate->is_marked)
		state = EMBARGO_GATE_STATE_MARKING;
	atomic_store(&gate->shared->state, state);
}

static void lose_watch(struct gate *gate)
{
	close(gate->watch);
	gate->watch = -1;
	embargo_queue_empty(gate->queue, let_go_unanswered, gate);
	set_state(gate);
}

/* Tries now and then; the socket is root's, and so has to be who listens there. */
static void find_watch(struct gate *gate)
{
	_cleanup_close_ int socket_fd = -1;
	pid_t watch;

	if (gate->watch >= 0 || now_ms() < gate->tried_ms + EMBARGO_GATE_BEAT_MS)
		return;
	gate->tried_ms = now_ms();
	if (embargo_socket_connect(EMBARGO_ASKED_SOCKET, &socket_fd))
		return;
	watch = embargo_socket_peer(socket_fd);
	if (!watch)
		return;
	gate->watch_pid = watch;
	gate->watch = TAKE_FD(socket_fd);
	/* Until it says what it knows, it may as well be stopped: nothing is asked. */
}

/* False where it could not be sent: a full socket, no descriptors left to be in flight. */
static bool send_question(const struct gate *gate, enum embargo_asked_lane lane, int fd)
{
	return !embargo_descriptor_send(gate->watch, MSG_DONTWAIT,
					embargo_asked_word_in(lane, EMBARGO_ASKED_QUESTION), &fd,
					1);
}

static void ask(struct gate *gate, enum embargo_asked_lane lane)
{
	int fd = embargo_queue_ask(gate->queue, lane, now_ms());

	while (fd >= 0 && !send_question(gate, lane, fd)) {
		embargo_queue_answer(gate->queue, lane, let_go_unanswered, gate);
		fd = embargo_queue_ask(gate->queue, lane, now_ms());
	}
}

/* Whoever has to answer, or could be waited for by who has, must not be held. */
static bool is_exempt(const struct gate *gate, pid_t pid)
{
	return pid == 1 || pid == getpid() || pid == getppid() ||
	       pid == atomic_load(&gate->shared->daemon) ||
	       (gate->watch >= 0 && getpgid(pid) == gate->watch_pid);
}

static void on_event(struct gate *gate, const struct fanotify_event_metadata *event)
{
	struct embargo_held_file file;
	struct stat status;

	if (event->fd < 0 || !(event->mask & FAN_OPEN_EXEC_PERM))
		return;
	if (is_exempt(gate, event->pid)) {
		let_go(gate, event->fd, EMBARGO_GATE_COUNT_EXEMPT);
		return;
	}
	if (gate->watch < 0 || !gate->is_marking || fstat(event->fd, &status)) {
		let_go(gate, event->fd, EMBARGO_GATE_COUNT_UNANSWERED);
		return;
	}
	embargo_held_file_read(&status, &file);
	if (embargo_queue_is_hung(gate->queue, embargo_held_file_lane(&file), now_ms()) ||
	    embargo_queue_add(gate->queue, event->fd, &file, now_ms()))
		let_go(gate, event->fd, EMBARGO_GATE_COUNT_UNANSWERED);
	else
		count(gate, EMBARGO_GATE_COUNT_HELD);
}

static bool has_room(const struct gate *gate)
{
	int fd = fcntl(gate->group, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * One event at a time, and none without a free descriptor: what the kernel has no descriptor for,
 * it refuses. Without one, whoever has waited longest makes room; and where nobody waits, the gate
 * has to end (false). Returns true where it goes on.
 */
static bool read_events(struct gate *gate)
{
	struct fanotify_event_metadata event;
	ssize_t got;

	for (int i = 0; i < AT_ONCE; i++) {
		while (!has_room(gate))
			if (!embargo_queue_drop(gate->queue, let_go_unanswered, gate))
				return false;
		got = read(gate->group, &event, sizeof(event));
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (got < (ssize_t)sizeof(event))
			return true;
		on_event(gate, &event);
	}
	return true;
}

/* Rules have changed, or have come or gone: nothing that was examined counts. */
static void start_anew(struct gate *gate, bool is_needed)
{
	const char byte = EMBARGO_GATE_ROOTS;

	fanotify_mark(gate->group, FAN_MARK_FLUSH, 0, AT_FDCWD, "/");
	gate->is_marking = is_needed;
	gate->is_marked = gate->is_marked && is_needed;
	set_state(gate);
	if (!is_needed)
		fanotify_mark(gate->group, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, "/");
	else
		send(gate->watchdog, &byte, sizeof(byte), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void hear_watch(struct gate *gate)
{
	enum embargo_asked_lane lane;
	char byte = 0;
	ssize_t got = recv(gate->watch, &byte, sizeof(byte), MSG_DONTWAIT);

	lane = embargo_asked_word_lane(byte);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		lose_watch(gate);
	else if (byte == embargo_asked_word_in(lane, EMBARGO_ASKED_EXAMINED))
		embargo_queue_answer(gate->queue, lane, let_go_examined, gate);
	else if (byte == embargo_asked_word_in(lane, EMBARGO_ASKED_FAILED))
		embargo_queue_answer(gate->queue, lane, let_go_failed, gate);
	else if (byte == EMBARGO_ASKED_WATCHES || byte == EMBARGO_ASKED_IDLES)
		start_anew(gate, byte == EMBARGO_ASKED_WATCHES);
}

/* The root of a file system, or word that this was all. The root is held open by the watchdog's
 * descriptor: nothing is looked up on the file system itself. False where the watchdog has gone. */
static bool hear_watchdog(struct gate *gate)
{
	_cleanup_close_ int root = -1;
	char byte, path[64];
	int got = embargo_descriptor_receive(gate->watchdog, MSG_DONTWAIT, &byte, &root, 1);

	if (got == -EAGAIN)
		return true;
	if (got == -EBADMSG) {
		gate->has_missed = true;
		return true;
	}
	if (got < 0)
		return false;
	if (!got) {
		/* What was missed is told of again, with all the others, when mounts are next
		 * looked at. */
		gate->is_marked = gate->is_marking && !gate->has_missed;
		gate->has_missed = false;
		set_state(gate);
		return true;
	}
	if (!gate->is_marking)
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", root);
	fanotify_mark(gate->group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC_PERM, AT_FDCWD,
		      path);
	return true;
}

/* Shows the watchdog, and the kernel, that this goes on. */
static bool beat(const struct gate *gate)
{
	const struct itimerspec later = { .it_value = { .tv_sec = EMBARGO_GATE_DEADLINE_S } };

	atomic_store(&gate->shared->beat_ms, now_ms());
	return !timer_settime(gate->deadline, 0, &later, NULL);
}

/* Returns false where the gate has to end. */
static bool turn(struct gate *gate)
{
	struct pollfd fds[] = {
		{ .fd = gate->watch, .events = POLLIN },
		{ .fd = gate->watchdog, .events = POLLIN },
		{ .fd = gate->group, .events = POLLIN },
	};
	int rest = embargo_queue_rest(gate->queue, gate->wait_ms, now_ms(), EMBARGO_GATE_BEAT_MS);

	/* EINVAL: fewer descriptors are allowed than these. */
	if (poll(fds, ARRAY_SIZE(fds), rest) < 0 && errno != EINTR)
		return false;
	if (!beat(gate) || (fds[1].revents && !hear_watchdog(gate)))
		return false;
	if (fds[0].revents)
		hear_watch(gate);
	embargo_queue_expire(gate->queue, gate->wait_ms, now_ms(), let_go_late, gate);
	if (!read_events(gate))
		return false;
	find_watch(gate);
	for (enum embargo_asked_lane lane = 0; lane < EMBARGO_ASKED_LANES; lane++)
		if (gate->watch >= 0)
			ask(gate, lane);
	return true;
}

/*
 * A thousand tasks that were let go at once must not keep it from the next: a share of the
 * processor, however large, is too little then. What it has to do takes microseconds; a gate that
 * would not stop, the kernel ends.
 */
static void hurry(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	const struct rlimit limit = { RUN_MOST_US, RUN_MOST_US };

	if (!setrlimit(RLIMIT_RTTIME, &limit))
		sched_setscheduler(0, SCHED_FIFO, &first); /* or else it keeps the watchdog's */
}

/* The kernel ends it with its watchdog. */
static int prepare(struct gate *gate)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	const struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	int presence = -1, error;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -errno;
	setrlimit(RLIMIT_NOFILE, &limit); /* with less, less is held */
	hurry();
	error = embargo_presence_claim(EMBARGO_PRESENCE_GATE, &presence);
	if (error)
		return error;
	if (timer_create(CLOCK_MONOTONIC, &kill, &gate->deadline) || !beat(gate))
		return -errno;
	gate->group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK |
					    FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
				    O_RDONLY | O_LARGEFILE | O_CLOEXEC);
	return gate->group < 0 ? -errno : 0;
}

void embargo_gate_run(struct embargo_gate_shared *shared, int watchdog, uint64_t wait_ms)
{
	static struct embargo_queue queue;
	struct gate gate = {
		.shared = shared,
		.queue = &queue,
		.wait_ms = wait_ms,
		.group = -1,
		.watchdog = watchdog,
		.watch = -1,
	};

	if (prepare(&gate))
		return;
	set_state(&gate);
	while (turn(&gate))
		;
}
