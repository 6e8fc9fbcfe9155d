// SPDX-License-Identifier: GPL-2.0-or-later
/* Stays: as it is, deaf to SIGTERM, with a file mapped as code, from a file without a name, or
 * after its first thread has ended. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helper.h"

extern char **environ;

static void map_code(const char *path)
{
	int fd = open_or_refuse(path, O_RDONLY);

	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		refuse("mmap");
	close(fd);
}

/* Goes on as a copy of @path in memory. */
static void move_to_memory(const char *path, char **argv)
{
	int fd = memfd_create("stay", 0);
	size_t size;
	char *bytes = read_whole(path, &size);

	if (fd < 0)
		refuse("memfd_create");
	write_whole(fd, bytes, size);
	fexecve(fd, argv, environ);
	refuse("fexecve");
}

static void *stay(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "deaf")) {
			signal(SIGTERM, SIG_IGN);
		} else if (!strcmp(argv[i], "map") && i + 1 < argc) {
			map_code(argv[++i]);
		} else if (!strcmp(argv[i], "memory") && i + 1 < argc) {
			move_to_memory(argv[i + 1], (char *[]) { argv[0], NULL });
		} else if (!strcmp(argv[i], "headless")) {
			pthread_create(&thread, NULL, stay, NULL);
			syscall(SYS_exit, 0); /* of this thread alone */
		} else {
			fprintf(stderr, "usage: stay [deaf] [map FILE] [memory FILE] [headless]\n");
			return 2;
		}
	}
	stay(NULL);
	return 0;
}
