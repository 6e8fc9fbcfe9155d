// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps a file and makes the mapping executable later: step by step, so that a date can pass
 * between. */
#include <stdbool.h>
#include <sys/mman.h>

#include "helper.h"

#define USAGE                                                                                     \
	"usage: mapping [--shared] [--direct] [--write] [--exec] [--unlink] [--wait] FILE\n"      \
	"  maps FILE readable (--exec: executable at once), says \"mapped\", with --wait waits\n" \
	"  for a line, and then makes it executable with mprotect and says \"executable\"\n"

struct request {
	const char *path;
	int protection;
	int sharing;
	int flags;
	bool unlink, wait;
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
		else if (argv[i][0] != '-' && !request->path)
			request->path = argv[i];
		else
			return -1;
	}
	return request->path ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct request request;
	struct stat status;
	void *memory;
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
	memory = mmap(NULL, status.st_size, request.protection, request.sharing, fd, 0);
	if (memory == MAP_FAILED)
		refuse("mmap");
	close(fd);
	printf("mapped\n");
	fflush(stdout);
	if (request.wait)
		getchar();
	if (request.unlink && unlink(request.path))
		refuse("unlink");
	if (mprotect(memory, status.st_size, PROT_READ | PROT_EXEC))
		refuse("mprotect");
	printf("executable\n");
	return 0;
}
