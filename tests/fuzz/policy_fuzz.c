// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a policy with a digest list, compiled as a host would. Build with
 * libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The list's descriptor: from beside a policy in /proc/self/fd/ it is the file `100`. */
#define LIST 100

static void put(int fd, const void *bytes, size_t size)
{
	if (ftruncate(fd, 0) || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
}

static void open_files(int *policy, char *path, size_t size)
{
	int list = memfd_create("list", MFD_CLOEXEC);

	*policy = memfd_create("policy", MFD_CLOEXEC);
	if (*policy < 0 || list < 0 || dup2(list, LIST) != LIST)
		abort();
	snprintf(path, size, "/proc/self/fd/%d", *policy);
}

/*
 * The input is a policy, as for a host of the profile `one`; what follows a first 0xff byte (none
 * can stand in UTF-8) is the list.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	static int policy = -1;
	const uint8_t *split = memchr(data, 0xff, size);
	size_t length = split ? (size_t)(split - data) : size;
	const char *const files[] = { path };
	struct embargo_policy_request request = { .files = files, .count = 1, .profile = "one" };
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_tables tables = { 0 };
	char text[2048];

	if (policy < 0)
		open_files(&policy, path, sizeof(path));
	put(policy, data, length);
	put(LIST, split ? split + 1 : data, split ? size - length - 1 : 0);
	if (embargo_policy_compile_host(&request, &tables, &diagnostic)) {
		embargo_diagnostic_format(&diagnostic, text, sizeof(text));
		/* Whoever is refused must be told why. */
		if (!diagnostic.what[0])
			abort();
		return 0;
	}
	embargo_tables_free(&tables);
	return 0;
}
