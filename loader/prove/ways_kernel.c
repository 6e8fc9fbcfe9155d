// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways into the kernel. What is handed to it is junk, which it refuses anyway: the error says
 * whether it came so far as to look. */
#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/prove/attempt.h"

/* EPERM of the twin is the host's own: modules_disabled, lockdown, kexec_load_disabled. */
static int judge(const struct embargo_attempt *attempt, long result)
{
	int error = result ? errno : 0;

	switch (error) {
	case ENOSYS:
	case EOPNOTSUPP:
		return -ENOTSUP;
	case EPERM:
		return attempt->bytes == attempt->canary->twin ? -ENOTSUP : -EPERM;
	case ENOEXEC: /* that is neither module nor kernel */
	case EKEYREJECTED:
	case ENOKEY:
	case ENOPKG:
	case EBADMSG: /* ... and nobody signed it */
		return 0;
	default:
		return error ? -error : 0;
	}
}

static int module_from_file(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = embargo_attempt_open(attempt);

	return fd < 0 ? fd : judge(attempt, syscall(SYS_finit_module, fd, "", 0));
}

static int module_from_memory(const struct embargo_attempt *attempt)
{
	return judge(attempt, syscall(SYS_init_module, attempt->bytes, attempt->size, ""));
}

/* Where the administrator counts them, none is to be used up (kernel.kexec_load_limit_reboot). */
static bool kexec_is_counted(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/sys/kernel/kexec_load_limit_reboot", "re");
	long limit;

	return file && fscanf(file, "%ld", &limit) == 1 && limit >= 0;
}

/* What is to be started next stays what it was: an image is exchanged only when it was read whole.
 */
static int kernel_from_file(const struct embargo_attempt *attempt)
{
	_cleanup_close_ int fd = -1;

	if (kexec_is_counted())
		return -ENOTSUP;
	fd = embargo_attempt_open(attempt);
	if (fd < 0)
		return fd;
#ifdef SYS_kexec_file_load
	return judge(attempt, syscall(SYS_kexec_file_load, fd, -1, 1UL, "",
				      (unsigned long)KEXEC_FILE_NO_INITRAMFS));
#else
	return -ENOTSUP;
#endif
}

static const struct embargo_way rows[] = {
	{ .name = "finit_module",
	  .what = "loaded as a module, from a file",
	  .cases = "module/module-finit",
	  .operation = EMBARGO_OPERATION_MODULE,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_JUNK,
	  .absent = "this kernel takes no modules, or none like this (modules_disabled, lockdown)",
	  .attempt = module_from_file },
	{ .name = "init_module",
	  .what = "loaded as a module, from memory",
	  .cases = "module/module-init",
	  .operation = EMBARGO_OPERATION_MODULE,
	  .place = EMBARGO_PLACE_MEMORY,
	  .kind = EMBARGO_CANARY_JUNK,
	  .absent =
		  "this kernel takes no modules, or none from memory (modules_disabled, lockdown)",
	  .attempt = module_from_memory },
	{ .name = "kexec_file_load",
	  .what = "loaded as the next kernel, from a file",
	  .cases = "module/kexec-file",
	  .operation = EMBARGO_OPERATION_KEXEC,
	  .place = EMBARGO_PLACE_TMPFS,
	  .kind = EMBARGO_CANARY_JUNK,
	  .absent = "this kernel takes no other kernel from files, or counts how often",
	  .attempt = kernel_from_file },
};

const struct embargo_ways embargo_ways_kernel = { rows, ARRAY_SIZE(rows) };
