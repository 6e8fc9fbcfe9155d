// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to map a file's bytes executable: by ld.so, at once, and by a mapping that turns executable.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/prove/attempt.h"

/* Who loaded this very program; NULL where it is static. */
static const char *find_loader(void)
{
	const ElfW(Phdr) *segments = (void *)getauxval(AT_PHDR);
	size_t count = getauxval(AT_PHNUM);
	uintptr_t base = 0;

	for (size_t i = 0; i < count; i++)
		if (segments[i].p_type == PT_PHDR)
			base = (uintptr_t)segments - segments[i].p_vaddr;
	for (size_t i = 0; i < count; i++)
		if (segments[i].p_type == PT_INTERP)
			return (const char *)(base + segments[i].p_vaddr);
	return NULL;
}

static int by_loader(const struct embargo_attempt *attempt)
{
	const char *loader = find_loader();
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (!loader)
		return -ENOTSUP;
	if (error)
		return error;
	return embargo_attempt_execute(
		attempt, &(struct embargo_execution) { .folder = AT_FDCWD,
						       .path = loader,
						       .argument = EMBARGO_GROUND "/canary" });
}

/* Maps the attempt's bytes; returns 0 with the mapping in @memory. */
static int map(const struct embargo_attempt *attempt, int protection, int sharing, void **memory)
{
	_cleanup_close_ int fd = embargo_attempt_open(attempt);

	if (fd < 0)
		return fd;
	*memory = mmap(NULL, attempt->size, protection, sharing, fd, 0);
	return *memory == MAP_FAILED ? -errno : 0;
}

static int turn_executable(void *memory, size_t size)
{
	return mprotect(memory, size, PROT_READ | PROT_EXEC) ? -errno : 0;
}

static int at_once(const struct embargo_attempt *attempt)
{
	void *memory;

	return map(attempt, PROT_READ | PROT_EXEC, MAP_PRIVATE, &memory);
}

static int then_turned(const struct embargo_attempt *attempt, int sharing)
{
	void *memory;
	int error = map(attempt, PROT_READ, sharing, &memory);

	return error ? error : turn_executable(memory, attempt->size);
}

static int privately(const struct embargo_attempt *attempt)
{
	return then_turned(attempt, MAP_PRIVATE);
}

static int shared(const struct embargo_attempt *attempt)
{
	return then_turned(attempt, MAP_SHARED);
}

/* Of a process that asks for it, whatever is mapped for reading is executable. */
static int implied(const struct embargo_attempt *attempt)
{
	void *memory;

	if (personality(READ_IMPLIES_EXEC) < 0)
		return -ENOTSUP;
	return map(attempt, PROT_READ, MAP_PRIVATE, &memory);
}

/* A mapping made before the ban: who is asked about it then can no longer read the file, and goes
 * by what was remembered of it. */
struct before {
	int fd;
	void *memory;
	size_t size;
	int result;
};

/*
 * Mapped twice: when it was first hashed, nobody had asked yet that its changes be counted, and a
 * digest of so young a file could not be remembered.
 */
static int map_before(const struct embargo_attempt *attempt, int sharing, struct before *before)
{
	int fd = embargo_attempt_open(attempt);

	if (fd < 0)
		return fd;
	*before = (struct before) { .fd = fd, .size = attempt->size };
	for (int i = 0; i < 2; i++) {
		before->memory = mmap(NULL, before->size, PROT_READ, sharing, fd, 0);
		if (before->memory == MAP_FAILED)
			return -errno;
	}
	return embargo_attempt_await(attempt);
}

static int before_privately(const struct embargo_attempt *attempt)
{
	struct before before;
	int error = map_before(attempt, MAP_PRIVATE, &before);

	return error ? error : turn_executable(before.memory, before.size);
}

static int before_shared(const struct embargo_attempt *attempt)
{
	struct before before;
	int error = map_before(attempt, MAP_SHARED, &before);

	return error ? error : turn_executable(before.memory, before.size);
}

static int before_touched(const struct embargo_attempt *attempt)
{
	struct before before;
	int error = map_before(attempt, MAP_PRIVATE, &before);

	if (error)
		return error;
	if (fchmod(before.fd, 0500))
		return -errno;
	return turn_executable(before.memory, before.size);
}

static void *turn_in_thread(void *argument)
{
	struct before *before = argument;

	before->result = turn_executable(before->memory, before->size);
	return NULL;
}

static int before_from_thread(const struct embargo_attempt *attempt)
{
	struct before before;
	pthread_t thread;
	int error = map_before(attempt, MAP_PRIVATE, &before);

	if (!error)
		error = -pthread_create(&thread, NULL, turn_in_thread, &before);
	if (!error)
		error = -pthread_join(thread, NULL);
	return error ? error : before.result;
}

#define MAP(title, how, text, tests)                                              \
	{                                                                         \
		.name = title, .what = text, .cases = tests, .attempt = how,      \
		.place = EMBARGO_PLACE_TMPFS, .operation = EMBARGO_OPERATION_MAP, \
		.kind = EMBARGO_CANARY_PROGRAM                                    \
	}

#define BEFORE(title, how, text, tests)                                                  \
	{                                                                                \
		.name = title, .what = text, .cases = tests, .attempt = how,             \
		.place = EMBARGO_PLACE_LABELLED, .operation = EMBARGO_OPERATION_MAP,     \
		.kind = EMBARGO_CANARY_PROGRAM, .is_banned_later = true,                 \
		.absent = "no writable disk takes O_TMPFILE files and remembers digests" \
	}

static const struct embargo_way rows[] = {
	{ .name = "ld.so",
	  .what = "given to the dynamic loader",
	  .cases = "digest/ldso digest/ldso-tmpfs",
	  .operation = EMBARGO_OPERATION_MAP,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_PROGRAM,
	  .absent = "this program was linked without a dynamic loader",
	  .attempt = by_loader },
	MAP("map-exec", at_once, "mapped executable, as dlopen does",
	    "digest/map-exec digest/library-dlopen"),
	MAP("map-private", privately, "mapped for reading, then turned executable",
	    "digest/map-private digest/map-private-tmpfs"),
	MAP("map-shared", shared, "the same, shared", "digest/map-shared"),
	{ .name = "read-implies-exec",
	  .what = "mapped for reading by a process of which all is executable",
	  .cases = "bypass/read-implies-exec",
	  .operation = EMBARGO_OPERATION_MAP,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_PROGRAM,
	  .absent = "this machine knows no such processes",
	  .attempt = implied },
	BEFORE("before-private", before_privately,
	       "mapped before the ban, turned executable after it", "mprotect/mprotect-private"),
	BEFORE("before-shared", before_shared, "the same, shared", "mprotect/mprotect-shared"),
	BEFORE("before-touched", before_touched, "the same, its inode changed in between",
	       "mprotect/mprotect-unlinked"),
	BEFORE("before-thread", before_from_thread, "the same, from another thread",
	       "mprotect/mprotect-thread"),
};

const struct embargo_ways embargo_ways_map = { rows, ARRAY_SIZE(rows) };
