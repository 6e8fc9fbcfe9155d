// SPDX-License-Identifier: GPL-2.0-or-later
/* Executes a name again and again, while another process exchanges the file behind it with another.
 */
#include <signal.h>
#include <sys/wait.h>

#include "helper.h"

/* What the listed program ends with; see tiny.c. */
#define LISTED 7

struct seen {
	long harmless, listed, refused;
};

static pid_t start_exchanging(const char *one, const char *two)
{
	pid_t child = fork();

	while (child == 0)
		if (renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE))
			refuse("renameat2");
	if (child < 0)
		refuse("fork");
	return child;
}

static void execute(const char *path, struct seen *seen)
{
	char *const argv[] = { (char *)path, NULL };
	pid_t child = vfork();
	int status;

	if (child == 0) {
		execv(path, argv);
		_exit(errno == EPERM ? REFUSED : REFUSED + 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		refuse("vfork");
	seen->harmless += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	seen->listed += WIFEXITED(status) && WEXITSTATUS(status) == LISTED;
	seen->refused += WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
}

int main(int argc, char **argv)
{
	struct seen seen = { 0 };
	pid_t exchanging;
	long rounds;

	if (argc != 4) {
		fprintf(stderr, "usage: exchange ONE OTHER ROUNDS\n");
		return 2;
	}
	rounds = strtol(argv[3], NULL, 10);
	exchanging = start_exchanging(argv[1], argv[2]);
	for (long i = 0; i < rounds; i++)
		execute(argv[1], &seen);
	kill(exchanging, SIGKILL);
	waitpid(exchanging, NULL, 0);
	printf("harmless=%ld refused=%ld listed=%ld other=%ld\n", seen.harmless, seen.refused,
	       seen.listed, rounds - seen.harmless - seen.refused - seen.listed);
	return 0;
}
