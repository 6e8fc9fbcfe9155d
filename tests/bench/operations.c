// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts what operations cost: reads the time-stamp counter around each, which under the emulator's
 * -icount rises by one with each instruction. Takes LABEL:OPERATION:COUNT:PATH..., and prints for
 * each "LABEL COUNT P10 MEDIAN MEAN P99". The tenth percentile is what repeats to the instruction:
 * above it the kernel's allocators now and then refill, and where they do is chance.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define COUNT_MAX  100000
#define WARM_UP	   20	/* until caches of the kernel's own are full */
#define LOOP_TURNS 1000 /* of two instructions each */

extern char **environ;

struct target {
	char path[256];
	int fd;
	size_t length;
};

/* Each does its work once and returns whether that went well. */

static int run_loop(const struct target *target)
{
	long turns = LOOP_TURNS;

	(void)target;
	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(turns));
	return 1;
}

static int run_getppid(const struct target *target)
{
	(void)target;
	return getppid() > 0;
}

static int run_exec(const struct target *target)
{
	char *const argv[] = { (char *)target->path, NULL };
	pid_t child = vfork();
	int status;

	if (!child) {
		execve(target->path, argv, environ);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child && !status;
}

static int map(const struct target *target, int protection)
{
	void *at = mmap(NULL, target->length, protection, MAP_PRIVATE, target->fd, 0);

	return at != MAP_FAILED && !munmap(at, target->length);
}

static int run_map_exec(const struct target *target)
{
	return map(target, PROT_READ | PROT_EXEC);
}

static int run_map_read(const struct target *target)
{
	return map(target, PROT_READ);
}

static int run_map_anonymous(const struct target *target)
{
	void *at = mmap(NULL, target->length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	return at != MAP_FAILED && !munmap(at, target->length);
}

static int run_mprotect(const struct target *target)
{
	void *at = mmap(NULL, target->length, PROT_READ, MAP_PRIVATE, target->fd, 0);

	return at != MAP_FAILED && !mprotect(at, target->length, PROT_READ | PROT_EXEC) &&
	       !munmap(at, target->length);
}

static int run_dlopen(const struct target *target)
{
	void *library = dlopen(target->path, RTLD_NOW);

	return library && !dlclose(library);
}

static int run_open(const struct target *target)
{
	int fd = open(target->path, O_RDONLY | O_CLOEXEC);
	char bytes[4096];

	return fd >= 0 && read(fd, bytes, sizeof(bytes)) >= 0 && !close(fd);
}

static int run_stat(const struct target *target)
{
	struct stat status;

	return !stat(target->path, &status);
}

static int run_ioctl(const struct target *target)
{
	int size;

	return !ioctl(target->fd, FIGETBSZ, &size);
}

static const struct operation {
	const char *name;
	int (*run)(const struct target *target);
	int each; /* PATH is a folder of files 000, 001...; each is taken once, and none is warm */
	int opened; /* works on the open file, or needs to know its length */
} operations[] = {
	{ .name = "loop", .run = run_loop },
	{ .name = "getppid", .run = run_getppid },
	{ .name = "exec", .run = run_exec },
	{ .name = "exec-each", .run = run_exec, .each = 1 },
	{ .name = "mmapx", .run = run_map_exec, .opened = 1 },
	{ .name = "mmapr", .run = run_map_read, .opened = 1 },
	{ .name = "mmapa", .run = run_map_anonymous, .opened = 1 },
	{ .name = "mprotect", .run = run_mprotect, .opened = 1 },
	{ .name = "dlopen", .run = run_dlopen },
	{ .name = "ioctl", .run = run_ioctl, .opened = 1 },
	{ .name = "open", .run = run_open },
	{ .name = "open-each", .run = run_open, .each = 1 },
	{ .name = "stat", .run = run_stat },
};

static int compare(const void *left, const void *right)
{
	unsigned long a = *(const unsigned long *)left, b = *(const unsigned long *)right;

	return (a > b) - (a < b);
}

static void report(const char *label, unsigned long *costs, long count)
{
	unsigned long sum = 0;

	for (long i = 0; i < count; i++)
		sum += costs[i];
	qsort(costs, count, sizeof(*costs), compare);
	printf("%s %ld %lu %lu %lu %lu\n", label, count, costs[count / 10], costs[count / 2],
	       sum / count, costs[count * 99 / 100]);
}

/*
 * What an execution costs differs by some hundred instructions with the objects that the kernel's
 * allocators happen to hand out, and stays so until these change. So every so many executions one
 * process more or less is alive.
 */
#define SHUFFLE_EVERY 10
#define SHUFFLE_MAX   13

static void shuffle(long turn)
{
	static pid_t alive[SHUFFLE_MAX];
	pid_t parent = getpid();
	pid_t *place = &alive[turn / SHUFFLE_EVERY % SHUFFLE_MAX];

	if (turn % SHUFFLE_EVERY)
		return;
	if (*place > 0) {
		kill(*place, SIGKILL);
		waitpid(*place, NULL, 0);
		*place = 0;
		return;
	}
	*place = fork();
	if (!*place) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) /* or else it ended before that */
			pause();
		_exit(0);
	}
}

/* Returns 0, or -1 where an operation did not go well: its cost would mean nothing. */
static int measure(const struct operation *operation, const char *path, unsigned long *costs,
		   long count)
{
	struct target target = { .fd = -1, .length = 4096 };
	struct stat status;
	int well = 1;

	snprintf(target.path, sizeof(target.path), "%s", path);
	if (operation->opened) {
		target.fd = open(path, O_RDONLY | O_CLOEXEC);
		if (target.fd < 0 || fstat(target.fd, &status))
			return -1;
		target.length = status.st_size;
	}
	for (int i = 0; i < WARM_UP && !operation->each; i++)
		well &= operation->run(&target);
	for (long i = 0; i < count; i++) {
		unsigned long before;

		if (operation->each)
			snprintf(target.path, sizeof(target.path), "%s/%03ld", path, i);
		if (operation->run == run_exec)
			shuffle(i);
		before = __rdtsc();
		well &= operation->run(&target);
		costs[i] = __rdtsc() - before;
	}
	if (target.fd >= 0)
		close(target.fd);
	return well ? 0 : -1;
}

static const struct operation *find_operation(const char *name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}

static int measure_order(const char *order, unsigned long *costs)
{
	const struct operation *operation;
	char label[32], name[32], path[200];
	long count;

	if (sscanf(order, "%31[^:]:%31[^:]:%ld:%199s", label, name, &count, path) != 4 ||
	    count < 1 || count > COUNT_MAX || !(operation = find_operation(name))) {
		fprintf(stderr, "operations: \"%s\" is not LABEL:OPERATION:COUNT:PATH\n", order);
		return 2;
	}
	if (measure(operation, path, costs, count)) {
		fprintf(stderr, "operations: %s failed: %s\n", order, strerror(errno));
		return 1;
	}
	report(label, costs, count);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long *costs = mmap(NULL, COUNT_MAX * sizeof(*costs), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int status = 0;

	if (costs == MAP_FAILED)
		return 1;
	for (int i = 1; i < argc && !status; i++)
		status = measure_order(argv[i], costs);
	return status;
}
