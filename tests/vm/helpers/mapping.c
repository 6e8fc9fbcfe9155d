// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps a file and makes the mapping executable later: step by step, so that a date can pass
 * between. */
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/personality.h>

#include "helper.h"

#define USAGE                                                                                     \
	"usage: mapping [--shared] [--direct] [--write] [--exec] [--unlink] [--wait]\n"           \
	"               [--thread] [--implied] FILE\n"                                            \
	"  maps FILE readable (--exec: executable at once), says \"mapped\", with --wait waits\n" \
	"  for a line, and then makes it executable with mprotect, with --thread in another\n"    \
	"  thread, and says \"executable\"; --implied asks the kernel to make executable\n"       \
	"  whatever is readable\n"

struct request {
	const char *path;
	int protection;
	int sharing;
	int flags;
	bool unlink, wait, thread;
};

static int parse(int argc, char **argv, struct request *request)
{
	*request = (struct request) { .protection = PROT_READ, .sharing = MAP_PRIVATE };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--shared"))
			request->sharing = MAP_SHARED;
		else if (!strcmp(argv[i], "--direct"))
			request->flags |= O_DIRECT;
		else if (!strcmp(argv[i], "--write"))
			request->protection |= PROT_WRITE;
		else if (!strcmp(argv[i], "--exec"))
			request->protection |= PROT_EXEC;
		else if (!strcmp(argv[i], "--unlink"))
			request->unlink = true;
		else if (!strcmp(argv[i], "--wait"))
			request->wait = true;
		else if (!strcmp(argv[i], "--thread"))
			request->thread = true;
		else if (!strcmp(argv[i], "--implied"))
			personality(READ_IMPLIES_EXEC);
		else if (argv[i][0] != '-' && !request->path)
			request->path = argv[i];
		else
			return -1;
	}
	return request->path ? 0 : -1;
}

struct range {
	void *memory;
	size_t size;
};

static void *make_executable(void *context)
{
	const struct range *range = context;

	if (mprotect(range->memory, range->size, PROT_READ | PROT_EXEC))
		refuse("mprotect");
	return NULL;
}

static void make_executable_elsewhere(struct range *range)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, make_executable, range);
	if (errno)
		refuse("pthread_create");
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	struct request request;
	struct stat status;
	struct range range;
	int fd, access;

	if (parse(argc, argv, &request)) {
		fputs(USAGE, stderr);
		return 2;
	}
	access = request.protection & PROT_WRITE && request.sharing == MAP_SHARED ? O_RDWR
										  : O_RDONLY;
	fd = open_or_refuse(request.path, access | request.flags);
	if (fstat(fd, &status))
		refuse("fstat");
	range.size = status.st_size;
	range.memory = mmap(NULL, range.size, request.protection, request.sharing, fd, 0);
	if (range.memory == MAP_FAILED)
		refuse("mmap");
	close(fd);
	printf("mapped\n");
	fflush(stdout);
	if (request.wait)
		getchar();
	if (request.unlink && unlink(request.path))
		refuse("unlink");
	if (request.thread)
		make_executable_elsewhere(&range);
	else
		make_executable(&range);
	printf("executable\n");
	return 0;
}
