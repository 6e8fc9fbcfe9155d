// SPDX-License-Identifier: GPL-2.0-or-later
/* Dropping privileges: groups, capabilities, system calls, in that order, as each step needs the
 * next one's. */
#include "loader/daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/prctl.h>

#include "loader/sandbox/sandbox.h"

/* What the loop, the C library below it and an orderly end need. */
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
	"write",	   "writev",	 NULL,
};

/* Reading and setting what maps hold, and opening pins anew when another process has replaced them;
 * no map, program or link is made any more. */
static const struct embargo_sandbox_argument map_commands[] = {
	{ "bpf", 0, BPF_MAP_LOOKUP_ELEM },
	{ "bpf", 0, BPF_MAP_UPDATE_ELEM },
	{ "bpf", 0, BPF_MAP_DELETE_ELEM },
	{ "bpf", 0, BPF_MAP_GET_NEXT_KEY },
	{ "bpf", 0, BPF_MAP_LOOKUP_AND_DELETE_ELEM },
	{ "bpf", 0, BPF_MAP_LOOKUP_BATCH },
	{ "bpf", 0, BPF_MAP_DELETE_BATCH },
	{ "bpf", 0, BPF_MAP_LOOKUP_AND_DELETE_BATCH },
	{ "bpf", 0, BPF_OBJ_GET },
	{ "bpf", 0, BPF_OBJ_GET_INFO_BY_FD },
	{ 0 },
};

static const struct embargo_sandbox sandbox = { calls, map_commands };

/* What nothing of ours does once enforcement is pinned; the daemon's own list has none of it. */
static const char *const forbidden_calls[] = {
	"acct",
	"add_key",
	"bdflush",
	"chroot",
	"clock_settime",
	"create_module",
	"delete_module",
	"finit_module",
	"fsconfig",
	"fsmount",
	"fsopen",
	"fspick",
	"init_module",
	"io_uring_enter",
	"io_uring_register",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"mknod",
	"mknodat",
	"mount",
	"mount_setattr",
	"move_mount",
	"nfsservctl",
	"open_tree",
	"perf_event_open",
	"personality",
	"pidfd_getfd",
	"pivot_root",
	"process_madvise",
	"process_vm_readv",
	"process_vm_writev",
	"ptrace",
	"quotactl",
	"quotactl_fd",
	"reboot",
	"request_key",
	"sethostname",
	"setdomainname",
	"setns",
	"settimeofday",
	"stime",
	"swapoff",
	"swapon",
	"syslog",
	"umount",
	"umount2",
	"unshare",
	"userfaultfd",
	"vhangup",
	NULL,
};

/* The programs were loaded before; who reloads attaches those that are pinned. */
static const struct embargo_sandbox_argument forbidden_arguments[] = {
	{ "bpf", 0, BPF_PROG_LOAD },
	{ "bpf", 0, BPF_RAW_TRACEPOINT_OPEN },
	{ "bpf", 0, BPF_PROG_ATTACH },
	{ "bpf", 0, BPF_PROG_DETACH },
	{ 0 },
};

static const struct embargo_sandbox forbidden = { forbidden_calls, forbidden_arguments };

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
	error = embargo_sandbox_enter(&sandbox);
	if (error)
		return embargo_diagnostic_what(diagnostic, error,
					       "cannot restrict the system calls: %s",
					       strerror(-error));
	return 0;
}

int embargo_privileges_narrow(const char *name, const unsigned int *capabilities, size_t count)
{
	int error = embargo_sandbox_keep(capabilities, count);

	if (!error && (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NAME, name, 0, 0, 0)))
		error = -errno;
	if (!error)
		error = embargo_sandbox_limit(RLIMIT_CORE, 0);
	return error ? error : embargo_sandbox_forbid(&forbidden);
}
