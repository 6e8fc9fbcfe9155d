// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of mounts: which of them are told, and that each part of a file system is told once. */
#include "loader/watch/mounts.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "tests/unit/policy_fixture.h"

static char told[4096]; /* "PATH ROOT" below the folder, one a line */
static const char *refuse_path;

static int note(void *context, const struct embargo_mount *mount)
{
	const size_t size = strlen(folder), used = strlen(told);

	assert_ptr_equal(context, told);
	assert_true(embargo_mounts_is_local(mount->type));
	if (strncmp(mount->path, folder, size))
		return 0;
	snprintf(told + used, sizeof(told) - used, "%s %s\n", mount->path + size, mount->root);
	return refuse_path && !strcmp(mount->path + size, refuse_path) ? -EAGAIN : 0;
}

static const char *look(void)
{
	told[0] = '\0';
	assert_int_equal(embargo_mounts_each(0, note, told), 0);
	return told;
}

static void types_are_known(void **state)
{
	static const char *const local[] = { "ext4",  "xfs",	  "btrfs",   "tmpfs", "overlay",
					     "vfat",  "squashfs", "iso9660", "zfs",   "rootfs",
					     "ramfs", "ntfs3",	  "a.b" };
	static const char *const others[] = { "proc", "sysfs",	 "cgroup2", "devtmpfs", "bpf",
					      "nfs",  "nfs4",	 "cifs",    "ceph",	"9p",
					      "fuse", "fuseblk", "fuse.s3", "virtiofs", "autofs",
					      "nsfs", "devpts" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(local); i++)
		assert_true(embargo_mounts_is_local(local[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(embargo_mounts_is_local(others[i]));
}

static void parts_are_known(void **state)
{
	(void)state;
	assert_true(embargo_mounts_is_within("/", "/"));
	assert_true(embargo_mounts_is_within("/a/b", "/"));
	assert_true(embargo_mounts_is_within("/a/b", "/a/b"));
	assert_true(embargo_mounts_is_within("/a/b", "/a"));
	assert_false(embargo_mounts_is_within("/a", "/a/b"));
	assert_false(embargo_mounts_is_within("/a-b", "/a"));
	assert_false(embargo_mounts_is_within("/", "/a"));
}

static int set_up(void **state)
{
	refuse_path = NULL;
	return enter_folder(state);
}

/* A namespace of its own for the rest of this program. */
static void need_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		print_message("may not mount here\n");
		skip();
	}
}

static void command(const char *text)
{
	assert_int_equal(system(text), 0);
}

static void each_part_is_told_once(void **state)
{
	(void)state;
	need_mounts();
	command("mkdir -p all 'a b' one two p; mount -t tmpfs t all; mkdir -p all/x/y all/x-z; "
		"mount --bind all/x one; mount --bind all two; mount -t tmpfs '#s' 'a b'; "
		"mount -t proc p p");
	look();
	assert_non_null(strstr(told, "/a b /\n"));
	assert_null(strstr(told, "/one "));
	assert_null(strstr(told, "/p "));
	/* Just one of the two that are mounted with all of it. */
	assert_true(!strstr(told, "/all /\n") != !strstr(told, "/two /\n"));
	/* One that is refused is told by the other. */
	refuse_path = strstr(told, "/all /\n") ? "/all" : "/two";
	look();
	assert_non_null(strstr(told, "/all /\n"));
	assert_non_null(strstr(told, "/two /\n"));
	refuse_path = NULL;
	/* Parts alone: what is in one is not told, what is beside it is. */
	command("mount --bind all/x/y p; mount --bind all/x-z all/x-z; umount two; "
		"mkdir -p q; mount --bind all/x-z q; umount all/x-z all");
	look();
	assert_non_null(strstr(told, "/one /x\n"));
	assert_non_null(strstr(told, "/q /x-z\n"));
	assert_null(strstr(told, "/x/y\n"));
	command("umount q p p one 'a b'");
}

static int open_it(void *context, const struct embargo_mount *mount)
{
	int *found = context, fd;

	if (!strstr(mount->path, folder))
		return 0;
	found[0]++;
	if (embargo_mounts_open(mount, &fd) == -ESTALE)
		found[1]++;
	else
		close(fd);
	return 0;
}

static void a_hidden_mount_is_not_opened(void **state)
{
	int found[2] = { 0 };

	(void)state;
	need_mounts();
	command("mkdir m; mount -t tmpfs t m; mount -t tmpfs t m");
	assert_int_equal(embargo_mounts_each(0, open_it, found), 0);
	assert_int_equal(found[0], 2);
	assert_int_equal(found[1], 1);
	command("umount m; umount m");
}

static int find_in(void *context, pid_t pid)
{
	int found[2] = { 0 };

	assert_int_equal(embargo_mounts_each(pid, open_it, found), 0);
	*(int *)context += found[0] - found[1];
	return 0;
}

static int stop_at(void *context, pid_t pid)
{
	return pid == *(pid_t *)context;
}

static void other_namespaces_are_found(void **state)
{
	int ends[2], found = 0;
	pid_t begin = 0, stop;
	pid_t child;
	char byte;

	(void)state;
	need_mounts();
	assert_int_equal(mkdir("m", 0700), 0);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (unshare(CLONE_NEWNS) || mount("n", "m", "tmpfs", 0, NULL) ||
		    write(ends[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_string_equal(look(), "");
	assert_int_equal(embargo_mounts_each_namespace(&begin, find_in, &found), 0);
	assert_int_equal(begin, 0);
	assert_int_equal(found, 1);
	/* In two parts, which is where the other begins. */
	stop = child;
	assert_int_equal(embargo_mounts_each_namespace(&begin, stop_at, &stop), 1);
	assert_int_equal(begin, child);
	assert_int_equal(embargo_mounts_each_namespace(&begin, find_in, &found), 0);
	assert_int_equal(begin, 0);
	assert_int_equal(found, 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
}

static void changes_are_told_once(void **state)
{
	struct pollfd polled = { .events = POLLPRI };

	(void)state;
	need_mounts();
	assert_int_equal(embargo_mounts_watch(&polled.fd), 0);
	assert_int_equal(poll(&polled, 1, 0), 0);
	command("mkdir m; mount -t tmpfs t m; umount m");
	assert_int_equal(poll(&polled, 1, 0), 1);
	assert_int_equal(poll(&polled, 1, 0), 0);
	close(polled.fd);
}

static void a_process_that_is_gone_has_no_mounts(void **state)
{
	const pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(embargo_mounts_each(child, note, told), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_known),
		cmocka_unit_test(parts_are_known),
		cmocka_unit_test_setup_teardown(each_part_is_told_once, set_up, leave_folder),
		cmocka_unit_test_setup_teardown(a_hidden_mount_is_not_opened, set_up, leave_folder),
		cmocka_unit_test_setup_teardown(other_namespaces_are_found, set_up, leave_folder),
		cmocka_unit_test_setup_teardown(changes_are_told_once, set_up, leave_folder),
		cmocka_unit_test(a_process_that_is_gone_has_no_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
