// SPDX-License-Identifier: GPL-2.0-or-later
/* Dropped privileges: what the daemon and those beside it may no longer do, and what they still
 * can. Needs root. */
#include "loader/daemon/privileges.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

/* The hexadecimal value of @name in /proc/self/status; all bits set where it cannot be read. */
static unsigned long long status_of(const char *name)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/status", "re");
	unsigned long long value = ~0ULL;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ":%llx", &value);
	return value;
}

static int has_no_capability(void)
{
	return !status_of("CapEff") && !status_of("CapPrm") && !status_of("CapBnd") &&
	       !status_of("CapInh") && !status_of("CapAmb");
}

static int is_refused(long result)
{
	return result == -1 && errno == EPERM;
}

static int cannot_start_programs(void)
{
	char *const arguments[] = { (char *)"true", NULL };

	return is_refused(execve("/bin/true", arguments, NULL)) && is_refused(fork());
}

static int cannot_load_programs(void)
{
	union bpf_attr attributes = { 0 };

	return is_refused(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes))) &&
	       is_refused(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes))) &&
	       is_refused(syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes)));
}

static int cannot_reach_others(void)
{
	return is_refused(kill(getppid(), 0)) && is_refused(ptrace(PTRACE_TRACEME, 0, 0, 0)) &&
	       is_refused(mount("none", "/tmp", "tmpfs", 0, NULL)) && is_refused(setuid(1000));
}

static int can_still_work(void)
{
	_cleanup_close_ int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	union bpf_attr attributes = { .map_fd = (__u32)-1 };
	struct timex clock = { 0 };

	return socket_fd >= 0 && adjtimex(&clock) >= 0 &&
	       syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attributes, sizeof(attributes)) == -1 &&
	       errno != EPERM;
}

/* What stands beside the daemon: it keeps what it was given and does what it has to, no more. */
static int narrowed_keeps_what_it_was_given(void)
{
	return status_of("CapEff") == 1ULL << CAP_KILL && status_of("CapPrm") == 1ULL << CAP_KILL &&
	       status_of("CapBnd") == 1ULL << CAP_KILL && !status_of("CapInh") &&
	       !status_of("CapAmb") && status_of("NoNewPrivs") == 1 && status_of("Seccomp") == 2;
}

static int narrowed_cannot_change_the_host(void)
{
	union bpf_attr attributes = { 0 };

	return is_refused(mount("none", "/tmp", "tmpfs", 0, NULL)) &&
	       is_refused(syscall(SYS_init_module, "", 0, "")) &&
	       is_refused(syscall(SYS_kexec_load, 0, 0, NULL, 0)) &&
	       is_refused(ptrace(PTRACE_TRACEME, 0, 0, 0)) &&
	       is_refused(syscall(SYS_io_uring_setup, 1, NULL)) &&
	       is_refused(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)));
}

static int narrowed_has_no_network(void)
{
	return is_refused(socket(AF_INET, SOCK_STREAM, 0)) &&
	       is_refused(socket(AF_INET6, SOCK_DGRAM, 0)) &&
	       is_refused(socket(AF_NETLINK, SOCK_RAW, 0)) && socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int narrowed_shows_no_memory(void)
{
	struct rlimit core;

	return !prctl(PR_GET_DUMPABLE) && !getrlimit(RLIMIT_CORE, &core) && !core.rlim_max;
}

static int narrowed_still_starts_others(void)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(execl("/bin/true", "true", NULL));
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* Each claim is tried in a child, as there is no way back. */
static int drop(void)
{
	struct embargo_diagnostic diagnostic = { 0 };

	return embargo_privileges_drop(&diagnostic);
}

static int narrow(void)
{
	static const unsigned int rights[] = { CAP_KILL };

	return embargo_privileges_narrow("narrowed", rights, ARRAY_SIZE(rights));
}

static void expect(int (*give_up)(void), int (*claim)(void))
{
	int status;
	pid_t child;

	if (geteuid())
		skip();
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(give_up() ? 2 : claim() ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CLAIM(give_up, claim)              \
	static void claim##_(void **state) \
	{                                  \
		(void)state;               \
		expect(give_up, claim);    \
	}
CLAIM(drop, has_no_capability)
CLAIM(drop, cannot_start_programs)
CLAIM(drop, cannot_load_programs)
CLAIM(drop, cannot_reach_others)
CLAIM(drop, can_still_work)
CLAIM(narrow, narrowed_keeps_what_it_was_given)
CLAIM(narrow, narrowed_cannot_change_the_host)
CLAIM(narrow, narrowed_has_no_network)
CLAIM(narrow, narrowed_shows_no_memory)
CLAIM(narrow, narrowed_still_starts_others)

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "has_no_capability", has_no_capability_, NULL, NULL, NULL },
		{ "cannot_start_programs", cannot_start_programs_, NULL, NULL, NULL },
		{ "cannot_load_programs", cannot_load_programs_, NULL, NULL, NULL },
		{ "cannot_reach_others", cannot_reach_others_, NULL, NULL, NULL },
		{ "can_still_work", can_still_work_, NULL, NULL, NULL },
		{ "narrowed_keeps_what_it_was_given", narrowed_keeps_what_it_was_given_, NULL, NULL,
		  NULL },
		{ "narrowed_cannot_change_the_host", narrowed_cannot_change_the_host_, NULL, NULL,
		  NULL },
		{ "narrowed_has_no_network", narrowed_has_no_network_, NULL, NULL, NULL },
		{ "narrowed_shows_no_memory", narrowed_shows_no_memory_, NULL, NULL, NULL },
		{ "narrowed_still_starts_others", narrowed_still_starts_others_, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
