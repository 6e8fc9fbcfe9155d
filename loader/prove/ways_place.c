// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to execute a file in another place than its own: mounts, roots, namespaces, overlays. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/prove/attempt.h"

#define CANARY EMBARGO_GROUND "/canary"
#define ROOM   EMBARGO_GROUND "/room"

/* Each in a mount namespace of its own below ours: what is mounted goes with the attempt. */
static int make_room(void)
{
	if ((mkdir(ROOM, 0755) && errno != EEXIST) || unshare(CLONE_NEWNS))
		return -errno;
	return 0;
}

static int bound(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (!error)
		error = make_room();
	if (error)
		return error;
	if (mount(EMBARGO_GROUND, ROOM, NULL, MS_BIND, NULL))
		return -errno;
	return embargo_attempt_execute_path(attempt, ROOM "/canary");
}

static int change_root(const struct embargo_attempt *attempt)
{
	(void)attempt;
	return chroot(EMBARGO_GROUND) || chdir("/") ? -errno : 0;
}

static int in_chroot(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	return embargo_attempt_execute(
		attempt, &(struct embargo_execution) {
				 .folder = AT_FDCWD, .path = "/canary", .before = change_root });
}

static int by_proc_root(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	return embargo_attempt_execute_path(attempt, "/proc/self/root" CANARY);
}

/* Where users may have no namespaces, root may: the way is then this one. */
static int in_namespaces(const struct embargo_attempt *attempt)
{
	int error = embargo_attempt_write(attempt, "canary", attempt->bytes);

	if (error)
		return error;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID))
		return errno == ENOSPC || errno == EINVAL || errno == EPERM ? -ENOTSUP : -errno;
	return embargo_attempt_execute_path(attempt, CANARY);
}

/* Mounting what is not there would have the kernel load a module. */
static bool has_overlay(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/filesystems", "re");
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (!strcmp(line, "nodev\toverlay\n"))
			return true;
	return false;
}

static int make_overlay(void)
{
	static const char *const folders[] = { ROOM "/lower", ROOM "/upper", ROOM "/work",
					       ROOM "/merged" };

	if (mount("embargo-prove", ROOM, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755"))
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdir(folders[i], 0755))
			return -errno;
	return 0;
}

static int in_overlay(const struct embargo_attempt *attempt, const char *layer)
{
	int error;

	if (!has_overlay())
		return -ENOTSUP;
	error = make_room();
	if (!error)
		error = make_overlay();
	if (!error)
		error = embargo_attempt_write(attempt, layer, attempt->bytes);
	if (error)
		return error;
	if (mount("embargo-prove", ROOM "/merged", "overlay", 0,
		  "lowerdir=" ROOM "/lower,upperdir=" ROOM "/upper,workdir=" ROOM "/work"))
		return -errno;
	return embargo_attempt_execute_path(attempt, ROOM "/merged/canary");
}

static int in_lower(const struct embargo_attempt *attempt)
{
	return in_overlay(attempt, "room/lower/canary");
}

static int in_upper(const struct embargo_attempt *attempt)
{
	return in_overlay(attempt, "room/upper/canary");
}

#define PLACE(title, in, text, tests, without)                                     \
	{                                                                          \
		.name = title, .what = text, .cases = tests, .absent = without,    \
		.place = EMBARGO_PLACE_TMPFS, .operation = EMBARGO_OPERATION_EXEC, \
		.kind = EMBARGO_CANARY_PROGRAM, .attempt = in                      \
	}

static const struct embargo_way rows[] = {
	PLACE("bind", bound, "executed where it is bind-mounted", "digest/exec-bind", NULL),
	PLACE("chroot", in_chroot, "executed in a chroot", "bypass/exec-chroot", NULL),
	PLACE("proc-root", by_proc_root, "executed as /proc/self/root/...", "bypass/exec-proc-root",
	      NULL),
	PLACE("namespaces", in_namespaces, "executed in a user, mount and PID namespace of its own",
	      "digest/exec-user-namespace", "this host lets nobody make user namespaces"),
	PLACE("overlay-lower", in_lower, "executed from the lower layer of an overlay",
	      "digest/exec-overlay-lower", "overlay is not loaded"),
	PLACE("overlay-upper", in_upper, "executed from the upper layer of an overlay",
	      "digest/exec-overlay-upper", "overlay is not loaded"),
};

const struct embargo_ways embargo_ways_place = { rows, ARRAY_SIZE(rows) };
