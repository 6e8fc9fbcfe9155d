// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints each notice of files and mounts, "WHAT PATH" a line, until it is ended; "ready" once all
 * that is mounted is watched. Looks into other mount namespaces three times a second.
 */
#include <stdint.h>
#include <time.h>

#include "helper.h"
#include "loader/watch/notices.h"

static void say_file(void *context, int fd, const char *path)
{
	struct stat status;

	(void)context;
	printf("file %s %lld\n", path, fstat(fd, &status) ? -1LL : (long long)status.st_size);
	close(fd);
}

static void say_folder(void *context, const char *path)
{
	(void)context;
	printf("folder %s\n", path);
}

static void say_mounted(void *context, const char *path)
{
	(void)context;
	printf("mounted %s\n", path);
}

static void say_unwatched(void *context, const char *path, const char *type, int error)
{
	(void)context;
	printf("unwatched %s %s %s\n", path, type, strerrorname_np(-error));
}

static void say_overflow(void *context)
{
	(void)context;
	printf("overflow\n");
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int main(void)
{
	static const struct embargo_notices_callbacks callbacks = {
		.file = say_file,
		.folder = say_folder,
		.mounted = say_mounted,
		.unwatched = say_unwatched,
		.overflow = say_overflow,
	};
	struct embargo_diagnostic diagnostic = { .what = "" };
	struct embargo_notices *notices;
	struct pollfd polled[EMBARGO_NOTICES_FDS];
	int64_t next = 0;
	size_t count;

	setlinebuf(stdout);
	if (embargo_notices_open(&callbacks, NULL, &notices, &diagnostic)) {
		fprintf(stderr, "%s\n", diagnostic.what);
		return REFUSED;
	}
	count = embargo_notices_fds(notices, polled);
	for (;;) {
		if (now_ms() >= next) {
			if (embargo_notices_look(notices))
				refuse("look");
			if (!next)
				printf("ready\n");
			next = now_ms() + 300;
		}
		if (poll(polled, count, 300) < 0)
			refuse("poll");
		for (size_t i = 0; i < count; i++)
			if (polled[i].revents && embargo_notices_read(notices, polled[i].fd) < 0)
				refuse("read");
	}
}
