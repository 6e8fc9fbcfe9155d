// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking the classifier: the side with the privileges, which believes nothing. */
#include "loader/classify/classifier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/file.h"
#include "loader/classify/reader.h"
#include "loader/classify/specimen_json.h"
#include "loader/crypto/sha256.h"

struct embargo_classifier {
	pid_t nursery;
	int socket;
	struct embargo_classifier_meanwhile meanwhile; /* of no function: nothing */
};

/* The nursery dies with whoever started it, in a session where no terminal's signal reaches it. */
static void become_nursery(int socket, pid_t parent, int (*prepare)(void))
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	setsid();
	if (dup2(socket, 3) != 3 || close_range(4, ~0U, 0))
		_exit(1);
	if (prepare)
		prepare();
	if (freopen("/dev/null", "r", stdin) && freopen("/dev/null", "w", stdout) &&
	    freopen("/dev/null", "w", stderr))
		embargo_nursery_run(3);
	_exit(1);
}

static int start(struct embargo_classifier *classifier, int (*prepare)(void))
{
	pid_t parent = getpid();
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	classifier->nursery = fork();
	if (!classifier->nursery)
		become_nursery(sockets[1], parent, prepare);
	close(sockets[1]);
	if (classifier->nursery < 0) {
		close(sockets[0]);
		return -EAGAIN;
	}
	classifier->socket = sockets[0];
	return 0;
}

int embargo_classifier_start(int (*prepare)(void), struct embargo_classifier **classifier)
{
	struct embargo_classifier *made = calloc(1, sizeof(*made));
	int error = made ? start(made, prepare) : -ENOMEM;

	if (error)
		free(made);
	else
		*classifier = made;
	return error;
}

void embargo_classifier_stop(struct embargo_classifier *classifier)
{
	if (!classifier)
		return;
	close(classifier->socket);
	kill(classifier->nursery, SIGKILL);
	while (waitpid(classifier->nursery, NULL, 0) < 0 && errno == EINTR)
		;
	free(classifier);
}

int embargo_classifier_await(struct embargo_classifier *classifier, unsigned int wait_ms)
{
	struct pollfd socket = { .fd = classifier->socket, .events = POLLIN };
	char byte;
	int ready;

	do
		ready = poll(&socket, 1, (int)wait_ms);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready ? -errno : -ETIMEDOUT;
	return recv(classifier->socket, &byte, sizeof(byte), MSG_DONTWAIT) == 1 ? 0 : -EPIPE;
}

void embargo_classifier_serve(struct embargo_classifier *classifier,
			      const struct embargo_classifier_meanwhile *meanwhile)
{
	classifier->meanwhile = *meanwhile;
}

static int request(const struct embargo_classifier *classifier, int fd, int reply)
{
	int error = embargo_descriptor_send(classifier->socket, MSG_DONTWAIT, 0,
					    (int[]) { fd, reply }, 2);

	if (!error)
		return 0;
	return error == -EAGAIN ? -ETIMEDOUT : -EPIPE;
}

/* Whether the nursery itself has gone, and not one of its readers: its end of the socket closes
 * before the pipe of a request that it did not take any more. */
static bool has_ended(const struct embargo_classifier *classifier)
{
	struct pollfd socket = { .fd = classifier->socket };

	return poll(&socket, 1, 0) == 1 && socket.revents & POLLHUP;
}

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A wait for the reader of @fd until @deadline, and what is served meanwhile. */
struct waiting {
	const struct embargo_classifier_meanwhile *meanwhile;
	int fd;
	int64_t deadline;
	int64_t served;
};

static void serve(struct waiting *waiting, bool is_wanted)
{
	if (!waiting->meanwhile->serve ||
	    (!is_wanted && now_ms() < waiting->served + EMBARGO_CLASSIFIER_SERVE_MS))
		return;
	waiting->meanwhile->serve(waiting->meanwhile->context);
	waiting->served = now_ms();
}

/* Until there is something to read. -ETIMEDOUT. */
static int wait_for_it(struct waiting *waiting)
{
	struct pollfd fds[] = {
		{ .fd = waiting->fd, .events = POLLIN },
		{ .fd = waiting->meanwhile->serve ? waiting->meanwhile->fd : -1, .events = POLLIN },
	};

	while (!fds[0].revents) {
		int64_t left = waiting->deadline - now_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		if (waiting->meanwhile->serve && left > EMBARGO_CLASSIFIER_SERVE_MS)
			left = EMBARGO_CLASSIFIER_SERVE_MS;
		if (poll(fds, ARRAY_SIZE(fds), (int)left) >= 0)
			serve(waiting, fds[1].revents);
	}
	return 0;
}

/* Reads @size bytes. -EPROTO: the other side ended before. */
static int receive(struct waiting *waiting, void *bytes, size_t size)
{
	size_t done = 0;
	int error;

	while (done < size) {
		ssize_t got;

		error = wait_for_it(waiting);
		if (error)
			return error;
		got = read(waiting->fd, (char *)bytes + done, size - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EPROTO;
		done += (size_t)got;
	}
	return 0;
}

static int decode(const char *text, size_t length, struct embargo_specimen *specimen)
{
	_cleanup_json_ json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	const json_t *error = json_object_get(object, "error");
	int result;

	if (json_is_integer(error))
		return json_integer_value(error) > 0 && json_integer_value(error) < 4096
			       ? -(int)json_integer_value(error)
			       : -EPROTO;
	result = object ? embargo_specimen_from_json(object, specimen) : -EPROTO;
	return result == -EBADMSG ? -EPROTO : result;
}

static int take_answer(struct waiting *waiting, struct embargo_specimen *specimen)
{
	struct embargo_answer_head head;
	_cleanup_free_
	char *text = NULL;
	int error = receive(waiting, &head, sizeof(head));

	if (error)
		return error;
	if (!head.length || head.length > EMBARGO_CLASSIFIER_ANSWER)
		return -EPROTO;
	text = malloc(head.length);
	if (!text)
		return -ENOMEM;
	error = receive(waiting, text, head.length);
	return error ? error : decode(text, head.length, specimen);
}

/* Between two parts of a large file. */
static int serve_between(void *context)
{
	struct waiting *waiting = context;
	struct pollfd ready = { .fd = waiting->meanwhile->fd, .events = POLLIN };

	serve(waiting, waiting->meanwhile->serve && poll(&ready, 1, 0) > 0);
	return now_ms() < waiting->deadline ? 0 : -ETIMEDOUT;
}

/* The digest is ours to tell: a reader that says another one lies, or the file has changed. */
static int verify(int fd, struct waiting *waiting, const struct embargo_specimen *specimen)
{
	struct embargo_digest digest;
	uint64_t size;
	int error = embargo_sha256_file_between(fd, serve_between, waiting, &digest, &size);

	if (error)
		return error;
	return size == specimen->file.size &&
			       !memcmp(&digest, &specimen->file.digest, sizeof(digest))
		       ? 0
		       : -EAGAIN;
}

int embargo_classifier_read(struct embargo_classifier *classifier, int fd, unsigned int wait_ms,
			    struct embargo_specimen *specimen)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen read = { .kind = 0 };
	struct waiting waiting = { &classifier->meanwhile, -1, now_ms() + wait_ms, now_ms() };
	_cleanup_close_ int reply = -1;
	int pipes[2], error;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	reply = waiting.fd = pipes[0];
	error = request(classifier, fd, pipes[1]);
	close(pipes[1]);
	if (!error)
		error = take_answer(&waiting, &read);
	if (!error)
		error = verify(fd, &waiting, &read);
	if (error)
		return error == -EPROTO && has_ended(classifier) ? -EPIPE : error;
	*specimen = read;
	read.identities = (struct embargo_identities) { 0 };
	return 0;
}

const char *embargo_classifier_error(int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return "takes too long to be looked into";
	case -EPROTO:
		return "ended the process that looked into it: it has many GiB, or is hostile";
	case -EAGAIN:
		return "changes while it is read";
	case -EPIPE:
		return "there is no process any more that looks into files";
	default:
		return embargo_file_error(error);
	}
}
