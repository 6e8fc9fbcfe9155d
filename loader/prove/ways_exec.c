// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to execute a file: by each call, each kind of descriptor, and through interpreters. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/prove/attempt.h"

#define CANARY EMBARGO_GROUND "/canary"

#define NOBODY 65534

static int by_name(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	return error ? error : embargo_attempt_execute_path(attempt, CANARY);
}

static int become_nobody(const struct embargo_attempt *attempt)
{
	(void)attempt;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

/* ... who may execute the file and not read it. */
static int by_nobody(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	if (chmod(CANARY, 0111))
		return -errno;
	return embargo_attempt_execute(
		attempt, &(struct embargo_execution) {
				 .folder = AT_FDCWD, .path = CANARY, .before = become_nobody });
}

static int by_vfork(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	return embargo_attempt_execute(attempt, &(struct embargo_execution) { .folder = AT_FDCWD,
									      .path = CANARY,
									      .by_vfork = true });
}

static int by_folder(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int folder = open(EMBARGO_GROUND, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (folder < 0)
		return -errno;
	if (error)
		return error;
	return embargo_attempt_execute(attempt, &(struct embargo_execution) { .folder = folder,
									      .path = "canary" });
}

static int by_descriptor(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = -1;
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	fd = open(CANARY, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : embargo_attempt_execute_fd(attempt, fd);
}

static int by_proc(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	fd = open(CANARY, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return embargo_attempt_execute_path(attempt, path);
}

static int nameless(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = embargo_attempt_open(attempt);

	return fd < 0 ? fd : embargo_attempt_execute_fd(attempt, fd);
}

static int in_memory(const struct embargo_attempt *attempt, int seals)
{
	_cleanup_close_ int fd = embargo_attempt_nameless(attempt, attempt->bytes);

	if (fd < 0)
		return fd;
	if (seals && fcntl(fd, F_ADD_SEALS, seals))
		return -errno;
	return embargo_attempt_execute_fd(attempt, fd);
}

static int sealed(const struct embargo_attempt *attempt)
{
	return in_memory(attempt, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

static int writable(const struct embargo_attempt *attempt)
{
	return in_memory(attempt, 0);
}

static int unlinked(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = -1;
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	fd = open(CANARY, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || unlink(CANARY))
		return -errno;
	return embargo_attempt_execute_fd(attempt, fd);
}

static int linked(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	unlink(EMBARGO_GROUND "/link");
	if (link(CANARY, EMBARGO_GROUND "/link"))
		return -errno;
	return embargo_attempt_execute_path(attempt, EMBARGO_GROUND "/link");
}

static int renamed(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	if (rename(CANARY, EMBARGO_GROUND "/moved"))
		return -errno;
	return embargo_attempt_execute_path(attempt, EMBARGO_GROUND "/moved");
}

/* The canary is the interpreter of a script that nobody listed. */
static int as_interpreter(const struct embargo_attempt *attempt)
{
	static const char line[] = "#!" CANARY "\n";
	_cleanup_close_ int fd = -1;
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	unlink(EMBARGO_GROUND "/script");
	fd = open(EMBARGO_GROUND "/script", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0)
		return -errno;
	error = embargo_attempt_overwrite(fd, (const uint8_t *)line, sizeof(line) - 1);
	if (error)
		return error;
	close(TAKE_FD(fd));
	return embargo_attempt_execute_path(attempt, EMBARGO_GROUND "/script");
}

/* The rings of io_uring(7): one page is more than enough for one entry each. */
struct rings {
	int fd;
	struct io_uring_params params;
	uint8_t *submissions;
	uint8_t *completions;
	struct io_uring_sqe *entry;
};

static void *map_ring(int fd, off_t which)
{
	void *memory = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_POPULATE, fd, which);

	return memory == MAP_FAILED ? NULL : memory;
}

static int make_rings(struct rings *rings)
{
	rings->fd = syscall(SYS_io_uring_setup, 1, &rings->params);
	if (rings->fd < 0) /* not built in, or switched off by kernel.io_uring_disabled */
		return -ENOTSUP;
	rings->submissions = map_ring(rings->fd, IORING_OFF_SQ_RING);
	rings->completions = map_ring(rings->fd, IORING_OFF_CQ_RING);
	rings->entry = map_ring(rings->fd, IORING_OFF_SQES);
	return rings->submissions && rings->completions && rings->entry ? 0 : -ENOMEM;
}

/* Opens @path by the ring; it ends with its process. */
static int open_by_ring(struct rings *rings, const char *path)
{
	unsigned int *array = (void *)(rings->submissions + rings->params.sq_off.array);
	unsigned int *tail = (void *)(rings->submissions + rings->params.sq_off.tail);
	const struct io_uring_cqe *done = (void *)(rings->completions + rings->params.cq_off.cqes);

	rings->entry[0] = (struct io_uring_sqe) {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY | O_CLOEXEC,
	};
	array[0] = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, rings->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -errno;
	return done->res;
}

static int by_ring(const struct embargo_attempt *attempt)
{
	struct rings rings = { .fd = -1 };
	_cleanup_close_ int fd = -1;
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (!error)
		error = make_rings(&rings);
	if (error)
		return error;
	fd = open_by_ring(&rings, CANARY);
	return fd < 0 ? fd : embargo_attempt_execute_fd(attempt, fd);
}

#define EXEC(title, by, text, tests, lies)                                                         \
	{                                                                                          \
		.name = title, .what = text, .cases = tests, .place = lies,                        \
		.operation = EMBARGO_OPERATION_EXEC, .kind = EMBARGO_CANARY_PROGRAM, .attempt = by \
	}

static const struct embargo_way rows[] = {
	EXEC("execve", by_name, "executed by its name, from tmpfs", "digest/exec digest/exec-tmpfs",
	     EMBARGO_PLACE_TMPFS),
	EXEC("unprivileged", by_nobody, "executed by another user, who may not read it",
	     "digest/exec-as-user digest/exec-unreadable", EMBARGO_PLACE_TMPFS),
	EXEC("vfork", by_vfork, "executed by a child of vfork", "digest/exec-vfork",
	     EMBARGO_PLACE_TMPFS),
	EXEC("execveat", by_folder, "executed below a folder's descriptor", "digest/exec-execveat",
	     EMBARGO_PLACE_TMPFS),
	EXEC("fexecve", by_descriptor, "executed by its descriptor", "digest/exec-fexecve",
	     EMBARGO_PLACE_TMPFS),
	EXEC("proc-fd", by_proc, "executed as /proc/self/fd/N", "digest/exec-proc-fd",
	     EMBARGO_PLACE_TMPFS),
	EXEC("memfd-sealed", sealed, "a copy in a sealed memfd", "digest/exec-memfd-sealed",
	     EMBARGO_PLACE_MEMORY),
	EXEC("memfd-writable", writable, "a copy in a memfd open for writing",
	     "digest/exec-memfd-writable", EMBARGO_PLACE_MEMORY),
	{ .name = "otmpfile",
	  .what = "a copy in an O_TMPFILE file, on a disk",
	  .cases = "digest/exec-otmpfile",
	  .operation = EMBARGO_OPERATION_EXEC,
	  .place = EMBARGO_PLACE_LABELLED,
	  .kind = EMBARGO_CANARY_PROGRAM,
	  .absent = "no writable disk takes such files",
	  .attempt = nameless },
	EXEC("otmpfile-tmpfs", nameless, "a copy in an O_TMPFILE file, on tmpfs",
	     "digest/exec-otmpfile-tmpfs", EMBARGO_PLACE_TMPFS),
	EXEC("unlinked", unlinked, "unlinked before it is executed", "digest/exec-unlinked",
	     EMBARGO_PLACE_TMPFS),
	EXEC("hard-link", linked, "executed by a hard link", "digest/exec-hard-link",
	     EMBARGO_PLACE_TMPFS),
	EXEC("rename", renamed, "renamed before it is executed", "digest/exec-rename",
	     EMBARGO_PLACE_TMPFS),
	{ .name = "io-uring",
	  .what = "opened by io_uring, executed by that descriptor",
	  .cases = "bypass/exec-io-uring",
	  .operation = EMBARGO_OPERATION_EXEC,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_PROGRAM,
	  .absent = "this kernel lets nobody use io_uring",
	  .attempt = by_ring },
	{ .name = "script",
	  .what = "a script by its #! line",
	  .cases = "digest/script",
	  .operation = EMBARGO_OPERATION_EXEC,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_SCRIPT,
	  .attempt = by_name },
	EXEC("interpreter", as_interpreter, "the interpreter of a script that is not listed",
	     "digest/interpreter", EMBARGO_PLACE_TMPFS),
};

const struct embargo_ways embargo_ways_exec = { rows, ARRAY_SIZE(rows) };
