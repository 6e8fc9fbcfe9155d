// SPDX-License-Identifier: GPL-2.0-or-later
/* What programs with sanitizers do about a finding; linked into them and into no others. */

#include <sys/prctl.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __lsan_is_turned_off(void);

/*
 * They abort. An exit status of 1 is what many tests want to see, and a process without privileges
 * has nowhere to write: that it was ended by SIGABRT the kernel says for it (print-fatal-signals).
 */
const char *__asan_default_options(void)
{
	return "abort_on_error=1:handle_abort=0:detect_stack_use_after_return=1";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

/* Leaks are looked for by tracing: not in a process that has seen to it that nobody may. */
int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1;
}
