// SPDX-License-Identifier: GPL-2.0-or-later
/* Sandboxes, by libcap-ng and libseccomp. */
#include "loader/sandbox/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

/* The kernel's own idea of nobody (fs/overflowuid). */
#define NOBODY 65534

static void release_filter(scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

/* What keeps the daemon from being chosen when memory runs out is not for whoever reads hostile
 * bytes: where there is less of it to be had, theirs is the first to go. */
static void give_up_memory(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	char sign;

	/* To be chosen sooner is everybody's right. */
	if (fd >= 0 && read(fd, &sign, 1) == 1 && sign == '-')
		(void)!pwrite(fd, "0", 1, 0);
}

/* Who is no root has nothing to give up; who may not change users goes on without capabilities. */
int embargo_sandbox_drop_user(void)
{
	give_up_memory();
	if (!geteuid()) {
		if (setgroups(0, NULL) && errno != EPERM)
			return -errno;
		if (setresgid(NOBODY, NOBODY, NOBODY) && errno != EPERM)
			return -errno;
		if (setresuid(NOBODY, NOBODY, NOBODY) && errno != EPERM)
			return -errno;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return 0;
}

int embargo_sandbox_keep(const unsigned int *capabilities, size_t count)
{
	capng_select_t changed = CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT;

	/* Nothing that is executed gains one, then, even where the bounding set has to stay. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		changed |= CAPNG_SELECT_BOUNDS;
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < count; i++)
		if (capng_update(CAPNG_ADD,
				 CAPNG_EFFECTIVE | CAPNG_PERMITTED |
					 (changed & CAPNG_SELECT_BOUNDS ? CAPNG_BOUNDING_SET : 0),
				 capabilities[i]))
			return -EPERM;
	return capng_apply(changed) ? -EPERM : 0;
}

static int add_call(scmp_filter_ctx filter, uint32_t action, const char *call)
{
	int number = seccomp_syscall_resolve_name(call);

	if (number == __NR_SCMP_ERROR) /* a call that this machine's kernel never had */
		return 0;
	return seccomp_rule_add(filter, action, number, 0);
}

static int add_argument(scmp_filter_ctx filter, uint32_t action,
			const struct embargo_sandbox_argument *argument)
{
	const struct scmp_arg_cmp value = {
		.arg = argument->index,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX,
		.datum_b = argument->value,
	};
	int number = seccomp_syscall_resolve_name(argument->call);

	return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, number, 1, value);
}

/* @others for all calls, @action for what @sandbox names. */
static int make_filter(const struct embargo_sandbox *sandbox, uint32_t others, uint32_t action,
		       scmp_filter_ctx *filter)
{
	int error;

	*filter = seccomp_init(others);
	error = *filter ? 0 : -ENOMEM;
	for (size_t i = 0; sandbox->calls[i] && !error; i++)
		error = add_call(*filter, action, sandbox->calls[i]);
	for (const struct embargo_sandbox_argument *argument = sandbox->arguments;
	     argument && argument->call && !error; argument++)
		error = add_argument(*filter, action, argument);
	return error;
}

/*
 * What a build with sanitizers is given beyond: to end itself by SIGABRT, for the kernel to tell of
 * it, and the address space that it lays its shadow over (below). No other build has these.
 */
#ifdef __SANITIZE_ADDRESS__
static const char *const sanitizer_calls[] = { "rt_sigaction", "sigaltstack", "tgkill", NULL };
#define SANITIZER_CALLS sanitizer_calls
#else
#define SANITIZER_CALLS ((const char *const[]) { NULL })
#endif

int embargo_sandbox_enter(const struct embargo_sandbox *sandbox)
{
	_cleanup_(release_filter) scmp_filter_ctx filter = NULL;
	int error = make_filter(sandbox, SCMP_ACT_ERRNO(EPERM), SCMP_ACT_ALLOW, &filter);

	for (const char *const *call = SANITIZER_CALLS; *call && !error; call++)
		error = add_call(filter, SCMP_ACT_ALLOW, *call);
	return error ? error : seccomp_load(filter);
}

int embargo_sandbox_forbid(const struct embargo_sandbox *sandbox)
{
	const struct scmp_arg_cmp elsewhere = { .arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX };
	_cleanup_(release_filter) scmp_filter_ctx filter = NULL;
	int error = make_filter(sandbox, SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM), &filter);

	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
					 elsewhere);
	return error ? error : seccomp_load(filter);
}

int embargo_sandbox_limit(int resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)resource, &limit))
		return -errno;
	/* Who has less already cannot have more. */
	if (limit.rlim_max < value)
		value = limit.rlim_max;
	limit = (struct rlimit) { value, value };
	return setrlimit((__rlimit_resource_t)resource, &limit) ? -errno : 0;
}

int embargo_sandbox_bound(rlim_t descriptors, rlim_t memory)
{
	int error = embargo_sandbox_drop_user();

	if (!error)
		error = embargo_sandbox_limit(RLIMIT_CORE, 0);
	if (!error)
		error = embargo_sandbox_limit(RLIMIT_FSIZE, 0);
	if (!error)
		error = embargo_sandbox_limit(RLIMIT_NOFILE, descriptors);
#ifndef __SANITIZE_ADDRESS__
	if (!error)
		error = embargo_sandbox_limit(RLIMIT_AS, memory);
#else
	(void)memory;
#endif
	return error;
}
