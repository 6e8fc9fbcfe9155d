// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to have a file judged by bytes that it no longer holds. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/prove/attempt.h"

/* Enough for some to begin and end within one tick of the clock that stamps files. */
#define ROUNDS 20

/* Nobody may be writing when it is executed. */
static int execute_anew(const struct embargo_attempt *attempt, int holder)
{
	_cleanup_close_ int reader = embargo_attempt_reopen(holder, O_RDONLY);

	return reader < 0 ? reader : embargo_attempt_execute_fd(attempt, reader);
}

static int rewrite(int holder, const uint8_t *bytes, size_t size)
{
	_cleanup_close_ int writer = embargo_attempt_reopen(holder, O_WRONLY);

	return writer < 0 ? writer : embargo_attempt_overwrite(writer, bytes, size);
}

/* A file with harmless bytes, held open for reading alone. */
static int make_harmless(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int writer = embargo_attempt_nameless(attempt, attempt->canary->harmless);

	return writer < 0 ? writer : embargo_attempt_reopen(writer, O_RDONLY);
}

/* What is remembered when it has run twice, must not be believed the third time. */
static int in_place(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int holder = make_harmless(attempt);
	int error = holder < 0 ? holder : 0;

	for (int i = 0; !error && i < 2; i++)
		error = execute_anew(attempt, holder);
	if (error)
		return error == -EPERM ? -EIO : error;
	error = rewrite(holder, attempt->bytes, attempt->size);
	return error ? error : execute_anew(attempt, holder);
}

static int map_executable(int holder)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, holder, 0);

	if (memory == MAP_FAILED)
		return -errno;
	munmap(memory, page);
	return 0;
}

/* Mapping is far quicker than executing. It ran where it did so once. */
static int in_one_tick(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int holder = make_harmless(attempt);
	int error = holder < 0 ? holder : 0, last = 0;

	for (int i = 0; !error && i < ROUNDS; i++) {
		error = rewrite(holder, attempt->canary->harmless, attempt->size);
		if (!error && map_executable(holder))
			error = -EIO;
		if (!error)
			error = rewrite(holder, attempt->bytes, attempt->size);
		if (error)
			break;
		last = map_executable(holder);
		if (!last && attempt->bytes == attempt->canary->listed)
			return 0;
	}
	return error ? error : last;
}

/* The page is there before anything is remembered: writing to it then moves no stamp. */
static int through_mapping(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int writer = embargo_attempt_nameless(attempt, attempt->canary->harmless);
	_cleanup_close_ int reader = -1;
	uint8_t *memory;

	if (writer < 0)
		return writer;
	reader = embargo_attempt_reopen(writer, O_RDONLY);
	if (reader < 0)
		return reader;
	memory = mmap(NULL, attempt->size, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
	if (memory == MAP_FAILED)
		return -errno;
	close(TAKE_FD(writer));
	memcpy(memory, attempt->canary->harmless, attempt->size);
	for (int i = 0; i < 2; i++)
		if (map_executable(reader))
			return -EIO;
	memcpy(memory, attempt->bytes, attempt->size);
	return map_executable(reader);
}

#define CHANGE(title, by, text, tests, does, lies, without)                                    \
	{                                                                                      \
		.name = title, .what = text, .cases = tests, .attempt = by, .operation = does, \
		.place = lies, .kind = EMBARGO_CANARY_PROGRAM, .absent = without               \
	}

#define NO_DISK "no writable disk takes O_TMPFILE files and remembers digests"

static const struct embargo_way rows[] = {
	CHANGE("rewritten", in_place, "rewritten in place after it ran, on a disk",
	       "rewrite/inplace-ext4", EMBARGO_OPERATION_EXEC, EMBARGO_PLACE_LABELLED, NO_DISK),
	CHANGE("rewritten-tmpfs", in_place, "the same on tmpfs", "rewrite/inplace-tmpfs",
	       EMBARGO_OPERATION_EXEC, EMBARGO_PLACE_TMPFS, NULL),
	CHANGE("same-tick", in_one_tick, "rewritten within one tick of the clock, on a disk",
	       "rewrite/tick-map", EMBARGO_OPERATION_MAP, EMBARGO_PLACE_LABELLED, NO_DISK),
	CHANGE("same-tick-tmpfs", in_one_tick, "the same on tmpfs", "rewrite/tick-exec-tmpfs",
	       EMBARGO_OPERATION_MAP, EMBARGO_PLACE_TMPFS, NULL),
	CHANGE("shared-write", through_mapping, "rewritten through a mapping, on a disk",
	       "rewrite/shared-ext4", EMBARGO_OPERATION_MAP, EMBARGO_PLACE_LABELLED, NO_DISK),
	CHANGE("shared-write-tmpfs", through_mapping, "the same on tmpfs", "rewrite/shared-tmpfs",
	       EMBARGO_OPERATION_MAP, EMBARGO_PLACE_TMPFS, NULL),
};

const struct embargo_ways embargo_ways_change = { rows, ARRAY_SIZE(rows) };
