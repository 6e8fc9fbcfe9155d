// SPDX-License-Identifier: GPL-2.0-or-later
/* Overwrites a program in place, within one clock tick or through a mapping, and sees what runs. */
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "helper.h"

struct bytes {
	char *start;
	size_t size;
};

/* Opened anew and closed each time: no writer may be left when the file is used. */
static void overwrite(const char *target, const struct bytes *content)
{
	int fd = open_or_refuse(target, O_WRONLY);

	write_whole(fd, content->start, content->size);
	close(fd);
}

/* Returns 0 where the file may be executed, 1 where that is EPERM. */
static int try_exec(const char *target)
{
	char *const argv[] = { (char *)target, NULL };
	pid_t child = vfork();
	int status;

	if (child == 0) {
		execv(target, argv);
		_exit(errno == EPERM ? REFUSED : REFUSED + 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		refuse("vfork");
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != REFUSED)) {
		fprintf(stderr, "neither ran nor EPERM: status %x\n", status);
		exit(1);
	}
	return WEXITSTATUS(status) == REFUSED;
}

/* The same for a mapping: far quicker than an exec, so more surely within one tick. */
static int try_map(const char *target)
{
	int fd = open_or_refuse(target, O_RDONLY);
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	close(fd);
	if (memory == MAP_FAILED && errno != EPERM)
		refuse("mmap");
	if (memory == MAP_FAILED)
		return 1;
	munmap(memory, 4096);
	return 0;
}

/* The clock that file systems stamp with. stat() would change how the next stamp is made. */
static long long tick(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* A mapping is what remembers the harmless content: the quicker, the surer all is one tick. */
static void alternate(const char *target, const struct bytes *harmless, const struct bytes *listed,
		      long rounds, int (*try)(const char *))
{
	long same = 0, harmless_refused = 0, listed_ran = 0;

	for (long i = 0; i < rounds; i++) {
		long long before = tick();

		overwrite(target, harmless);
		harmless_refused += try_map(target);
		overwrite(target, listed);
		same += tick() == before;
		listed_ran += !try(target);
	}
	printf("rounds=%ld same_tick=%ld harmless_refused=%ld listed_ran=%ld\n", rounds, same,
	       harmless_refused, listed_ran);
}

/* Says where it stands and waits until the test has looked. */
static void pause_at(const char *where)
{
	printf("%s\n", where);
	fflush(stdout);
	getchar();
}

/*
 * A page is made writable by its first write, which moves ctime; writes after that do not. So each
 * page is written before the test looks first, and the real change leaves no trace in the stamp.
 */
static void write_through_mapping(const char *target, const struct bytes *listed)
{
	int fd = open_or_refuse(target, O_RDWR);
	volatile char *memory = mmap(NULL, listed->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		refuse("mmap");
	close(fd);
	for (size_t i = 0; i < listed->size; i += 4096)
		memory[i] = memory[i];
	pause_at("mapped");
	memcpy((char *)memory, listed->start, listed->size);
	pause_at("written");
	munmap((void *)memory, listed->size);
	pause_at("closed");
}

int main(int argc, char **argv)
{
	struct bytes first, second;

	if (argc == 6 && (!strcmp(argv[1], "exec") || !strcmp(argv[1], "map"))) {
		first.start = read_whole(argv[3], &first.size);
		second.start = read_whole(argv[4], &second.size);
		alternate(argv[2], &first, &second, strtol(argv[5], NULL, 10),
			  !strcmp(argv[1], "exec") ? try_exec : try_map);
		free(second.start);
	} else if (argc == 4 && !strcmp(argv[1], "mapped")) {
		first.start = read_whole(argv[3], &first.size);
		write_through_mapping(argv[2], &first);
	} else {
		fprintf(stderr, "usage: rewrite exec|map TARGET HARMLESS LISTED ROUNDS\n"
				"       rewrite mapped TARGET LISTED\n");
		return 2;
	}
	free(first.start);
	return 0;
}
