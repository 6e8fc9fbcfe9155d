// SPDX-License-Identifier: GPL-2.0-or-later
/* The nursery and its readers: what runs without privileges. */
#include "loader/classify/reader.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/descriptor.h"
#include "loader/base/file.h"
#include "loader/classify/classifier.h"
#include "loader/classify/specimen_json.h"
#include "loader/crypto/anchors.h"
#include "loader/crypto/sha256.h"
#include "loader/sandbox/sandbox.h"

/* The file, where to answer, and what is left over. */
#define DESCRIPTORS 8

#define READER_CALLS                                                                              \
	"brk", "clock_gettime", "close", "exit", "exit_group", "fadvise64", "fgetxattr", "fstat", \
		"futex", "getpid", "getrandom", "gettid", "lseek", "madvise", "mmap", "mprotect", \
		"mremap", "munmap", "newfstatat", "pread64", "read", "restart_syscall",           \
		"rt_sigprocmask", "rt_sigreturn", "write"

/* What a file system tells of an open file, and nothing that changes it. */
static const struct embargo_sandbox_argument ioctls[] = {
	{ "ioctl", 1, FS_IOC_MEASURE_VERITY },
	{ "ioctl", 1, FS_IOC_READ_VERITY_METADATA },
	{ 0 },
};

static const char *const reader_calls[] = { READER_CALLS, NULL };
static const char *const nursery_calls[] = {
	READER_CALLS,	"clone",   "clone3",	      "prctl",	   "prlimit64", "recvmsg", "rseq",
	"rt_sigaction", "seccomp", "set_robust_list", "setrlimit", "wait4",	NULL,
};

static const struct embargo_sandbox reader_sandbox = { reader_calls, ioctls };
static const struct embargo_sandbox nursery_sandbox = { nursery_calls, ioctls };

static void answer(int fd, json_t *object)
{
	_cleanup_free_
	char *text = json_dumps(object, JSON_COMPACT);
	struct embargo_answer_head head = { .length = text ? (uint32_t)strlen(text) : 0 };

	if (text && !embargo_file_write(fd, (const char *)&head, sizeof(head)))
		embargo_file_write(fd, text, head.length);
}

static json_t *look_at(int file)
{
	_cleanup_(embargo_specimen_free) struct embargo_specimen specimen = { .kind = 0 };
	json_t *object = NULL;
	int error = embargo_specimen_read(file, &specimen);

	if (!error)
		error = embargo_specimen_to_json(&specimen, &object);
	return error ? json_pack("{s:i}", "error", -error) : object;
}

/* One file, and then the end. */
static void read_file(int file, int reply)
{
	json_t *object;

	/* Who gives up on a reader ends the nursery. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    embargo_sandbox_limit(RLIMIT_CPU, EMBARGO_CLASSIFIER_SECONDS) ||
	    embargo_sandbox_enter(&reader_sandbox))
		_exit(1);
	object = look_at(file);
	if (object)
		answer(reply, object);
	_exit(0);
}

static int confine(void)
{
	int error = embargo_sandbox_bound(DESCRIPTORS, EMBARGO_CLASSIFIER_MEMORY);

	return error ? error : embargo_sandbox_enter(&nursery_sandbox);
}

void embargo_nursery_run(int socket)
{
	int fds[2]; /* the file, where to answer */
	char byte;

	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_anchors *anchors;
	struct embargo_digest nothing;

	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "embargo-nursery", 0, 0, 0);
	/* Anchors that cannot be read are none: chains are then neither good nor bad. */
	if (!embargo_anchors_are_chosen() &&
	    !embargo_anchors_load(EMBARGO_ANCHORS_FOLDER, &anchors, &ignored))
		embargo_anchors_use(anchors);
	/* What OpenSSL makes ready at the first use need not be made ready in each reader. */
	embargo_sha256_memory("", 0, &nothing);
	if (confine() || write(socket, "", 1) != 1)
		_exit(1);
	while (embargo_descriptor_receive(socket, 0, &byte, fds, ARRAY_SIZE(fds)) == 2) {
		pid_t child = fork();

		if (!child) {
			close(socket);
			read_file(fds[0], fds[1]);
		}
		close(fds[0]);
		close(fds[1]);
		/* One at a time: the reader's limits are those of the whole classifier. */
		while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	_exit(0);
}
