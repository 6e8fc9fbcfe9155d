// SPDX-License-Identifier: GPL-2.0-or-later
/* Where processes of root's meet: only they get in, and each knows who is there. */
#include "loader/base/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

#define NOBODY 65534

static char folder[] = "/tmp/embargo-socket-XXXXXX";
static char path[64];
static int listener;

static int set_up(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder) || chmod(folder, 0755))
		return -1;
	snprintf(path, sizeof(path), "%s/s", folder);
	return embargo_socket_listen(path, 1, &listener);
}

static int tear_down(void **state)
{
	(void)state;
	close(listener);
	return unlink(path) | rmdir(folder);
}

static int accept_one(void)
{
	int fd = embargo_socket_accept(listener);

	assert_true(fd >= 0);
	return fd;
}

static void both_see_root(void **state)
{
	int mine, theirs;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(embargo_socket_connect(path, &mine), 0);
	theirs = accept_one();
	assert_int_equal(embargo_socket_peer(mine), getpid());
	assert_int_equal(embargo_socket_peer(theirs), getpid());
	close(mine);
	close(theirs);
}

/* Connects as nobody; returns what that gave. */
static int connect_as_nobody(void)
{
	pid_t child = fork();
	int status, fd;

	if (!child)
		_exit(setuid(NOBODY) ? 255 : -embargo_socket_connect(path, &fd));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void others_do_not_get_in(void **state)
{
	struct stat status;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(connect_as_nobody(), EACCES);
}

/* Were its mode another one, who it is would still show. */
static void others_are_no_peer(void **state)
{
	int fd;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(connect_as_nobody(), 0);
	fd = accept_one();
	assert_int_equal(embargo_socket_peer(fd), 0);
	close(fd);
}

static void takes_the_place_of_the_last_one(void **state)
{
	int next, mine;

	(void)state;
	assert_int_equal(embargo_socket_listen(path, 1, &next), 0);
	assert_int_equal(embargo_socket_connect(path, &mine), 0);
	assert_int_equal(embargo_socket_accept(listener), -EAGAIN);
	close(listener);
	listener = next;
	close(accept_one());
	close(mine);
}

static void a_full_queue_is_told(void **state)
{
	int fds[8], count = 0, error = 0;

	(void)state;
	while (!error && count < 8) {
		error = embargo_socket_connect(path, &fds[count]);
		count += !error;
	}
	assert_int_equal(error, -EAGAIN);
	while (count--)
		close(fds[count]);
}

static void nobody_listens(void **state)
{
	int fd = -7;

	(void)state;
	assert_int_equal(embargo_socket_connect("/nonexistent/s", &fd), -ENOENT);
	assert_int_equal(fd, -7);
}

static void a_path_that_does_not_fit(void **state)
{
	char long_path[200];
	int fd = -7;

	(void)state;
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(embargo_socket_connect(long_path, &fd), -ENAMETOOLONG);
	assert_int_equal(embargo_socket_listen(long_path, 1, &fd), -ENAMETOOLONG);
	assert_int_equal(fd, -7);
}

#define WITH_LISTENER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LISTENER(both_see_root),
		WITH_LISTENER(others_do_not_get_in),
		WITH_LISTENER(others_are_no_peer),
		WITH_LISTENER(takes_the_place_of_the_last_one),
		WITH_LISTENER(a_full_queue_is_told),
		WITH_LISTENER(nobody_listens),
		cmocka_unit_test(a_path_that_does_not_fit),
	};

	return cmocka_run_group_tests_name("socket", tests, NULL, NULL);
}
