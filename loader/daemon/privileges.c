// SPDX-License-Identifier: GPL-2.0-or-later
/* Dropping privileges: groups, capabilities, system calls, in that order, as each step needs the
 * next one's. */
#include "loader/daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/bpf.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "loader/base/cleanup.h"

/*
 * What the loop, the C library below it and an orderly end need. A call that is not here fails with
 * EPERM and does not kill: a newer C library that tries a newer call first goes on with the older.
 */
static const char *const calls[] = {
	"access",	   "adjtimex",	 "brk",		 "clock_adjtime",  "clock_gettime",
	"clock_nanosleep", "close",	 "connect",	 "epoll_create1",  "epoll_ctl",
	"epoll_pwait",	   "epoll_wait", "eventfd2",	 "exit",	   "exit_group",
	"faccessat",	   "faccessat2", "fcntl",	 "fdatasync",	   "flock",
	"fstat",	   "fstatfs",	 "fsync",	 "ftruncate",	   "futex",
	"getdents64",	   "geteuid",	 "getpid",	 "getrandom",	   "gettid",
	"getuid",	   "ioctl",	 "lseek",	 "lstat",	   "madvise",
	"mkdir",	   "mkdirat",	 "mmap",	 "mprotect",	   "mremap",
	"munmap",	   "newfstatat", "open",	 "openat",	   "poll",
	"ppoll",	   "pread64",	 "pwrite64",	 "read",	   "readlink",
	"readlinkat",	   "readv",	 "rename",	 "renameat",	   "renameat2",
	"restart_syscall", "rmdir",	 "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"sendmsg",	   "sendto",	 "signalfd4",	 "socket",	   "stat",
	"statfs",	   "statx",	 "tgkill",	 "timerfd_create", "timerfd_gettime",
	"timerfd_settime", "uname",	 "unlink",	 "unlinkat",	   "wait4",
	"write",	   "writev",
};

/* Reading and setting what maps hold, and opening pins anew when another process has replaced them;
 * no map, program or link is made any more. */
static const enum bpf_cmd map_commands[] = {
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_OBJ_GET,
	BPF_OBJ_GET_INFO_BY_FD,
};

static void release_filter(scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

/* A terminal belongs to its user and lets the group tty write, unless the user said `mesg n`. */
static int keep_terminal_group(void)
{
	const struct group *tty = getgrnam("tty");

	return setgroups(tty ? 1 : 0, tty ? &tty->gr_gid : NULL) ? -errno : 0;
}

static int drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_ALL);
	return capng_apply(CAPNG_SELECT_ALL) ? -EPERM : 0;
}

static int add_calls(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && !error; i++) {
		int number = seccomp_syscall_resolve_name(calls[i]);

		if (number !=
		    __NR_SCMP_ERROR) /* else: a call that this machine's kernel never had */
			error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(map_commands) && !error; i++) {
		/* Its low half, as the kernel reads an int; SCMP_A0_32() draws a warning of clang.
		 */
		const struct scmp_arg_cmp command = {
			.arg = 0,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = UINT32_MAX,
			.datum_b = map_commands[i],
		};

		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1, command);
	}
	return error;
}

static int filter_calls(void)
{
	_cleanup_(release_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error;

	if (!filter)
		return -ENOMEM;
	error = add_calls(filter);
	return error ? error : seccomp_load(filter);
}

int embargo_privileges_drop(struct embargo_diagnostic *diagnostic)
{
	int error = keep_terminal_group();

	if (error)
		return embargo_diagnostic_what(diagnostic, error, "cannot set the groups: %s",
					       strerror(-error));
	error = drop_capabilities();
	if (error)
		return embargo_diagnostic_what(
			diagnostic, error, "cannot give up the capabilities (needs CAP_SETPCAP)");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return embargo_diagnostic_what(diagnostic, -errno, "cannot set no_new_privs: %s",
					       strerror(errno));
	error = filter_calls();
	if (error)
		return embargo_diagnostic_what(diagnostic, error,
					       "cannot restrict the system calls: %s",
					       strerror(-error));
	return 0;
}
