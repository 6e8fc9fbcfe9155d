// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Executes a program many times and counts how often it ran, was refused, or something else. With
 * --paced it waits for a byte on standard input before every tenth time. With --each it executes
 * many programs, each of them once; with --users one program, each time as another user.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helper.h"

#define FIRST_USER 100000

/* The exit status of one run, as @user where that is not 0; REFUSED for EPERM. */
static int run_as(long user, char **argv)
{
	pid_t child = vfork();
	int status;

	if (child == 0) {
		/* Not the C library's, which would tell it to all threads. */
		if (user && syscall(SYS_setresuid, user, user, user))
			_exit(REFUSED + 1);
		execv(argv[0], argv);
		_exit(errno == EPERM ? REFUSED : REFUSED + 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		refuse("vfork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : REFUSED + 1;
}

static int run_once(char **argv)
{
	return run_as(0, argv);
}

static void count(int status, long *ran, long *refused)
{
	*ran += status == 0;
	*refused += status == REFUSED;
}

static int run_each(int programs, char **program)
{
	long ran = 0, refused = 0;

	for (int i = 0; i < programs; i++)
		count(run_once((char *[]) { program[i], NULL }), &ran, &refused);
	printf("ran=%ld refused=%ld other=%ld\n", ran, refused, programs - ran - refused);
	return 0;
}

static int run_users(long users, char **argv)
{
	long ran = 0, refused = 0;

	for (long i = 0; i < users; i++)
		count(run_as(FIRST_USER + i, argv), &ran, &refused);
	printf("ran=%ld refused=%ld other=%ld\n", ran, refused, users - ran - refused);
	return 0;
}

int main(int argc, char **argv)
{
	int paced = argc > 3 && !strcmp(argv[1], "--paced");
	long times, ran = 0, refused = 0;

	if (argc > 2 && !strcmp(argv[1], "--each"))
		return run_each(argc - 2, argv + 2);
	if (argc > 3 && !strcmp(argv[1], "--users"))
		return run_users(strtol(argv[2], NULL, 10), argv + 3);
	argv += paced;
	argc -= paced;
	times = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	if (times <= 0) {
		fprintf(stderr, "usage: storm [--paced] TIMES PROGRAM [ARGUMENT...]\n"
				"       storm --each PROGRAM...\n"
				"       storm --users TIMES PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	for (long i = 0; i < times; i++) {
		if (paced && i % 10 == 0)
			getchar();
		count(run_once(argv + 2), &ran, &refused);
	}
	printf("ran=%ld refused=%ld other=%ld\n", ran, refused, times - ran - refused);
	return 0;
}
