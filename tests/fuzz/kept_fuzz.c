// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as what embargo keeps over reboots: the versions in force, the learned
 * digests, the last generation, the end of the last token. Build with libFuzzer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/crypto/sha256.h"
#include "loader/enact/last.h"
#include "loader/guard/spent.h"
#include "loader/learned/finder.h"
#include "loader/learned/list.h"
#include "loader/trust/versions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static int file = -1;

static void put(const uint8_t *data, size_t size)
{
	if (file < 0)
		file = memfd_create("kept", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (file < 0 || ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
}

/* What is not damaged says what the bytes say: each is once in it, and none is dropped again. */
static void read_versions(void)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_versions versions = { .count = 0 };

	if (embargo_versions_read(path, &versions))
		return;
	for (size_t i = 0; i < versions.count; i++) {
		bool is_changed = false;

		if (strnlen(versions.array[i].id, EMBARGO_NAME_SIZE) == EMBARGO_NAME_SIZE)
			abort();
		if (!versions.is_damaged &&
		    (embargo_versions_check(&versions, &versions.array[i], &diagnostic) ||
		     embargo_versions_note(&versions, &versions.array[i], &is_changed) ||
		     is_changed))
			abort();
	}
	embargo_versions_free(&versions);
}

static int look_at(void *context, const struct embargo_learned_entry *entry)
{
	if (!entry->kind || entry->kind >= EMBARGO_KIND_COUNT)
		abort();
	memcpy(context, &entry->digest, sizeof(entry->digest));
	return 0;
}

/* The finder, whose table is large, has the same reader of lines: some lists are enough for it. */
static void read_learned(size_t size)
{
	struct embargo_digest digest = { .bytes = { 0 } }, found;
	struct embargo_finder *finder;

	if (embargo_learned_list_each(path, look_at, &digest))
		abort();
	if (size % 32)
		return;
	if (embargo_finder_open(path, &finder))
		abort();
	(void)embargo_finder_find(finder, &digest, look_at, &found);
	embargo_finder_close(finder);
}

/* The end of the last token, or none: no number of digits makes another time of it. */
static void read_spent(void)
{
	const int64_t end = embargo_spent_read(path);

	if (end != INT64_MIN && end < 0)
		abort();
}

/* The sum is made good: it holds back no one who writes the file. */
static void read_last(const uint8_t *data, size_t size)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_last last = { .policies = NULL };
	struct embargo_digest sum;
	int error;

	if (embargo_sha256_memory(data, size, &sum) ||
	    pwrite(file, &sum, sizeof(sum), (off_t)size) != (ssize_t)sizeof(sum))
		abort();
	error = embargo_last_read(path, &last, &diagnostic);
	/* Whoever is refused must be told why. */
	if (error && !diagnostic.what[0])
		abort();
	if (!error)
		embargo_last_free(&last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	put(data, size);
	if (size && data[0] == '{')
		read_learned(size);
	else if (size && data[0] >= '0' && data[0] <= '9')
		read_spent();
	else if (size > 8 && !memcmp(data, "embargo\n", 8))
		read_last(data, size);
	else
		read_versions();
	return 0;
}
