// SPDX-License-Identifier: GPL-2.0-or-later
/* Dropped privileges: what the daemon may no longer do, and what it still can. Needs root. */
#include "loader/daemon/privileges.h"

#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
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

/* Each claim is tried in a child, as there is no way back. */
static void expect(int (*claim)(void))
{
	struct embargo_diagnostic diagnostic = { 0 };
	int status;
	pid_t child;

	if (geteuid())
		skip();
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(embargo_privileges_drop(&diagnostic) ? 2 : claim() ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define CLAIM(claim)                       \
	static void claim##_(void **state) \
	{                                  \
		(void)state;               \
		expect(claim);             \
	}
CLAIM(has_no_capability)
CLAIM(cannot_start_programs)
CLAIM(cannot_load_programs)
CLAIM(cannot_reach_others)
CLAIM(can_still_work)

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "has_no_capability", has_no_capability_, NULL, NULL, NULL },
		{ "cannot_start_programs", cannot_start_programs_, NULL, NULL, NULL },
		{ "cannot_load_programs", cannot_load_programs_, NULL, NULL, NULL },
		{ "cannot_reach_others", cannot_reach_others_, NULL, NULL, NULL },
		{ "can_still_work", can_still_work_, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
