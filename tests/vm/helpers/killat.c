// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program and kills it right before the NUMBERth time that it makes a system call; its
 * children make as many as they like. Ends as the program does, by a signal with 128 and more.
 *
 * strace does that, too, but stops the program at each of its calls, and embargo reads all symbols
 * of the kernel. Here a seccomp filter stops it at that one call alone.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helper.h"

#define OPTIONS                                                                                \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | \
	 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE)

static const struct {
	const char *name;
	int number;
} calls[] = {
	{ "bpf", SYS_bpf },
	{ "clone", SYS_clone },
	{ "fchmod", SYS_fchmod },
	{ "fdatasync", SYS_fdatasync },
	{ "flock", SYS_flock },
	{ "fsync", SYS_fsync },
	{ "mkdir", SYS_mkdir },
	{ "openat", SYS_openat },
	{ "rename", SYS_rename },
	{ "renameat", SYS_renameat },
	{ "renameat2", SYS_renameat2 },
	{ "rmdir", SYS_rmdir },
	{ "unlink", SYS_unlink },
	{ "unlinkat", SYS_unlinkat },
	{ "vfork", SYS_vfork },
	{ "write", SYS_write },
};

static int number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	errno = ENOSYS;
	refuse(name);
}

static void filter(int call)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		refuse("seccomp");
}

static pid_t start(int call, char **argv)
{
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			refuse("ptrace");
		raise(SIGSTOP); /* until the options are set */
		filter(call);
		execvp(argv[0], argv);
		refuse(argv[0]);
	}
	if (child < 0 || waitpid(child, NULL, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) || ptrace(PTRACE_CONT, child, 0, 0))
		refuse("start");
	return child;
}

/* Lets @pid go on from a stop; each child begins with a SIGSTOP of ptrace's. */
static void go_on(pid_t pid, int status)
{
	int signal = status >> 16 || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);

	ptrace(PTRACE_CONT, pid, 0, signal);
}

int main(int argc, char **argv)
{
	long left = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
	int status, ended = 0;
	pid_t program, pid;

	if (left <= 0) {
		fprintf(stderr, "usage: killat CALL NUMBER PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	program = start(number_of(argv[1]), argv + 3);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == program && status >> 16 == PTRACE_EVENT_SECCOMP && --left == 0)
				kill(pid, SIGKILL);
			else
				go_on(pid, status);
		} else if (pid == program) {
			ended = status;
		}
	}
	return WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
}
