// SPDX-License-Identifier: GPL-2.0-or-later
/* Notices of files and mounts, as far as this kernel and this user get any. */
#include "loader/watch/notices.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "tests/unit/policy_fixture.h"

static struct embargo_notices *notices;
static char told[65536]; /* "WHAT:PATH " below the folder of the test, without that */
static unsigned int overflows, files;
static const char *refused; /* why there are no notices here */

static void note(const char *what, const char *path)
{
	const size_t size = strlen(folder), used = strlen(told);

	if (!strncmp(path, folder, size) && used < sizeof(told) - 256)
		snprintf(told + used, sizeof(told) - used, "%s:%s ", what, path + size);
}

static void note_file(void *context, int fd, const char *path)
{
	char byte;

	assert_ptr_equal(context, &files);
	assert_true(read(fd, &byte, 1) >= 0);
	assert_int_equal(close(fd), 0);
	files++;
	note("file", path);
}

static void note_folder(void *context, const char *path)
{
	(void)context;
	note("folder", path);
}

static void note_mounted(void *context, const char *path)
{
	(void)context;
	note("mounted", path);
}

static void note_unwatched(void *context, const char *path, const char *type, int error)
{
	(void)context;
	(void)type;
	(void)error;
	note("unwatched", path);
}

static void note_overflow(void *context)
{
	(void)context;
	overflows++;
}

static const struct embargo_notices_callbacks callbacks = {
	.file = note_file,
	.folder = note_folder,
	.mounted = note_mounted,
	.unwatched = note_unwatched,
	.overflow = note_overflow,
};

/* All that is queued by now. */
static const char *drain(void)
{
	struct pollfd polled[EMBARGO_NOTICES_FDS];
	const size_t count = embargo_notices_fds(notices, polled);

	told[0] = '\0';
	overflows = files = 0;
	while (poll(polled, count, 0) > 0)
		for (size_t i = 0; i < count; i++)
			if (polled[i].revents)
				assert_true(embargo_notices_read(notices, polled[i].fd) >= 0);
	return told;
}

/* Another process does it: what this one does is passed over. */
static void elsewhere(const char *command)
{
	assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
	if (enter_folder(state))
		return -1;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		refused = "may not have a mount namespace of its own";
	else if (mount("t", folder, "tmpfs", 0, "size=16m") || chdir(folder))
		return -1;
	return 0;
}

static int tear_down(void **state)
{
	if (chdir("/") || (!refused && umount2(folder, MNT_DETACH)))
		return -1;
	return leave_folder(state);
}

static void open_notices(void)
{
	struct embargo_diagnostic diagnostic = { 0 };
	int error;

	if (!refused) {
		error = embargo_notices_open(&callbacks, &files, &notices, &diagnostic);
		assert_true(!error || diagnostic.what[0]);
		if (error == -EPERM || error == -ENOSYS)
			refused = "fanotify is refused";
		else
			assert_int_equal(error, 0);
	}
	if (refused) {
		print_message("%s\n", refused);
		skip();
	}
	told[0] = '\0';
	assert_int_equal(embargo_notices_look(notices), 0);
	drain();
}

static void close_notices(void)
{
	embargo_notices_close(notices);
	notices = NULL;
}

static void files_are_told(void **state)
{
	static const struct {
		const char *command, *told;
	} cases[] = {
		{ "echo a > written", "file:/written " },
		{ "echo b >> written", "file:/written " },
		{ "mv written moved", "file:/moved " },
		{ "ln moved linked", "file:/linked " },
		{ "mkdir folder", "" },
		{ "mv folder other", "folder:/other " },
		{ ": > empty", "file:/empty " },
		{ "ln -s moved symbolic", "" },
		{ "mkfifo fifo", "" },
		{ "cat fifo >/dev/null & echo a > fifo; wait", "" },
		{ "mknod null c 1 3 && echo a > null", "" },
		{ "cat moved >/dev/null; chmod 755 moved; rm moved", "" },
		{ "echo a > gone; rm gone", NULL },
	};

	(void)state;
	open_notices();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		elsewhere(cases[i].command);
		drain();
		if (cases[i].told)
			assert_string_equal(told, cases[i].told);
	}
	close_notices();
}

/* Made without a name, and given one when it is complete. */
static void a_file_without_a_name_is_told(void **state)
{
	char name[64];
	pid_t child;
	int fd;

	(void)state;
	open_notices();
	child = fork();
	if (!child) {
		fd = open(".", O_TMPFILE | O_RDWR, 0700);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		_exit(write(fd, "a", 1) != 1 ||
		      linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	}
	assert_int_equal(waitpid(child, &fd, 0), child);
	assert_int_equal(fd, 0);
	assert_string_equal(drain(), "file:/named ");
	close_notices();
}

static void what_oneself_does_is_not_told(void **state)
{
	int fd;

	(void)state;
	open_notices();
	fd = open("own", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "a", 1), 1);
	close(fd);
	assert_string_equal(drain(), "");
	close_notices();
}

static void mounts_are_told_and_not_kept_busy(void **state)
{
	(void)state;
	open_notices();
	elsewhere("mkdir -p m bound && mount -t tmpfs m m");
	assert_string_equal(drain(), "mounted:/m ");
	elsewhere("mount --bind m bound");
	assert_string_equal(drain(), "");
	elsewhere("echo a > bound/a");
	assert_string_equal(drain(), "file:/m/a ");
	elsewhere("umount bound");
	/* Not even what is told and not read yet is in the way. */
	elsewhere("echo a > m/b; mv m/b m/c; umount m");
	drain();
	/* The next has the same device number and, often, the same id. */
	elsewhere("mount -t tmpfs m m");
	assert_string_equal(drain(), "mounted:/m ");
	elsewhere("umount m; mount -t tmpfs m m");
	assert_string_equal(drain(), "mounted:/m ");
	elsewhere("echo a > m/a");
	assert_string_equal(drain(), "file:/m/a ");
	elsewhere("umount m");
	assert_string_equal(drain(), "");
	close_notices();
}

static void overlays_are_told(void **state)
{
	(void)state;
	open_notices();
	elsewhere("mkdir -p lower upper work m; echo a > lower/a");
	drain();
	if (mount("o", "m", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work")) {
		print_message("no overlay here\n");
		close_notices();
		skip();
	}
	assert_string_equal(drain(), "mounted:/m ");
	elsewhere("echo b > m/b");
	drain();
	assert_non_null(strstr(told, "file:/m/b "));
	elsewhere("echo b >> m/a");
	drain();
	assert_non_null(strstr(told, "file:/m/a "));
	elsewhere("mv m/b m/c");
	drain();
	assert_non_null(strstr(told, "file:/upper/c "));
	elsewhere("umount m");
	drain();
	close_notices();
}

/* Two processes: one has a mount namespace and stays until it is told to go. */
static void other_namespaces_are_looked_into(void **state)
{
	int go[2], ready[2];
	char byte;
	pid_t child;

	(void)state;
	open_notices();
	assert_int_equal(pipe(go) | pipe(ready), 0);
	assert_int_equal(mkdir("m", 0700), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		close(go[1]);
		if (unshare(CLONE_NEWNS) || mount("n", "m", "tmpfs", 0, NULL) ||
		    write(ready[1], "", 1) != 1 || read(go[0], &byte, 1) != 1 ||
		    system("echo a > m/inside; mv m/inside m/moved") || write(ready[1], "", 1) != 1)
			_exit(1);
		_exit(read(go[0], &byte, 1) != 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_string_equal(drain(), "");
	assert_int_equal(embargo_notices_look(notices), 0);
	assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	drain();
	/* By the path in its own namespace. */
	assert_non_null(strstr(told, "file:/m/moved "));
	assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (size_t i = 0; i < 2; i++) {
		close(go[i]);
		close(ready[i]);
	}
	assert_int_equal(embargo_notices_look(notices), 0);
	close_notices();
}

static void too_many_are_said_to_be_lost(void **state)
{
	(void)state;
	open_notices();
	elsewhere("for i in $(seq 5000); do : > n$i; done");
	drain();
	assert_int_equal(overflows, 0);
	assert_true(files >= 5000);
	elsewhere("for i in $(seq 17000); do : > n$i; done");
	drain();
	assert_int_equal(overflows, 1);
	/* For an inventory of all. */
	told[0] = '\0';
	embargo_notices_each_mount(notices);
	assert_non_null(strstr(told, "mounted: "));
	close_notices();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_without_a_name_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_oneself_does_is_not_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mounts_are_told_and_not_kept_busy, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(overlays_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_namespaces_are_looked_into, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(too_many_are_said_to_be_lost, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
