// SPDX-License-Identifier: GPL-2.0-or-later
/* fresh SOURCE FOLDER COUNT one|all: runs COUNT copies of SOURCE, each of
 * content of its own and 1 ms old, one after the other or all at once; those
 * that are there already run as they are. */
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/vm/helpers/helper.h"

/* What became of one: errno of its execve(), 0 where it ran. */
struct outcome {
	int error;
	long began, ms;
};

static long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* @path with its number behind it is content that no other copy has. */
static void make(const char *path, const char *bytes, size_t size)
{
	int fd = open_or_refuse(path, O_WRONLY | O_CREAT | O_TRUNC);

	if (write(fd, bytes, size) != (ssize_t)size || write(fd, path, strlen(path)) < 0)
		refuse(path);
	close(fd);
	usleep(1000);
}

/*
 * The pipe closes with the execve() that succeeds, and brings the errno of one
 * that does not. The child is there before @start, so that what is measured is
 * the execve() and no fork().
 */
static void run(char *path, struct outcome *outcome, const int *start)
{
	char *arguments[] = { path, NULL };
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		refuse("pipe2");
	child = fork();
	if (!child) {
		char go;
		int error;

		dup2(open("/dev/null", O_RDWR), 1);
		if (start && read(*start, &go, 1) < 0)
			refuse("read");
		outcome->began = now_ms();
		execve(path, arguments, arguments + 1);
		error = errno;
		_exit(write(ends[1], &error, sizeof(error)) < 0);
	}
	close(ends[1]);
	outcome->error = 0;
	if (read(ends[0], &outcome->error, sizeof(outcome->error)) < 0)
		refuse("read");
	outcome->ms = now_ms() - outcome->began;
	close(ends[0]);
	waitpid(child, NULL, 0);
}

static void one(const char *folder, int number, const char *bytes, size_t size,
		struct outcome *outcome, const int *start)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/fresh-%d", folder, number);
	if (access(path, F_OK))
		make(path, bytes, size);
	run(path, outcome, start);
}

/* All files first, then all wait for the same pipe to close. */
static void all(const char *folder, int count, const char *bytes, size_t size,
		struct outcome *outcomes)
{
	int start[2];

	if (pipe2(start, O_CLOEXEC))
		refuse("pipe2");
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			refuse("fork");
		if (child)
			continue;
		close(start[1]);
		one(folder, i, bytes, size, &outcomes[i], &start[0]);
		_exit(0);
	}
	close(start[0]);
	sleep(2);
	close(start[1]);
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	int count = argc == 5 ? atoi(argv[3]) : 0, ran = 0, refused = 0;
	struct outcome *outcomes = mmap(NULL, sizeof(*outcomes) * (count ? count : 1),
					PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long longest = 0;
	size_t size;
	char *bytes;

	if (!count || outcomes == MAP_FAILED)
		return 2;
	bytes = read_whole(argv[1], &size);
	if (!strcmp(argv[4], "all"))
		all(argv[2], count, bytes, size, outcomes);
	else
		for (int i = 0; i < count; i++)
			one(argv[2], i, bytes, size, &outcomes[i], NULL);
	for (int i = 0; i < count; i++) {
		ran += !outcomes[i].error;
		refused += outcomes[i].error == EPERM;
		if (outcomes[i].ms > longest)
			longest = outcomes[i].ms;
	}
	printf("ran %d refused %d longest %ld\n", ran, refused, longest);
	return 0;
}
