// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of classified files between processes: killed ones, several, and a full disk. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/index_fixture.h"

/* In a child, where a failed assertion would go on with the tests that follow. */
static struct embargo_index *open_in_child(void)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_index *index;
	bool is_damaged;

	if (embargo_index_open("index", &index, &is_damaged, &diagnostic) || is_damaged)
		_exit(100);
	return index;
}

static void a_kill_leaves_it_whole(void **state)
{
	struct embargo_index *index;
	uint64_t before = 0;

	(void)state;
	for (unsigned int round = 0; round < 20; round++) {
		const pid_t child = fork();

		assert_true(child >= 0);
		if (!child) {
			index = open_in_child();
			for (uint64_t inode = 1;; inode++)
				if (put(index, round * 100000 + inode,
					"[\"a text of some length\"]"))
					_exit(1);
		}
		usleep(20000 + round * 7919 % 30000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		index = open_index(false);
		assert_true(embargo_index_count(index) >= before);
		before = embargo_index_count(index);
		embargo_index_close(index);
	}
	assert_true(before > EMBARGO_INDEX_BATCH);
}

static void two_processes_share_it(void **state)
{
	struct embargo_index *index;
	pid_t children[2];
	unsigned int kept = 0;
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i])
			continue;
		index = open_in_child();
		for (uint64_t inode = 1; inode <= 300; inode++) {
			const int error = put(index, 1000 * i + inode, "[]");

			if (error && error != -EBUSY)
				_exit(1);
			if (inode % 10 == 0 && embargo_index_flush(index))
				_exit(2);
		}
		embargo_index_close(index);
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	index = open_index(false);
	for (uint64_t inode = 1; inode <= 300; inode++)
		kept += has(index, inode, "[]") + has(index, 1000 + inode, "[]");
	assert_int_equal(kept, embargo_index_count(index));
	/* One may have waited in vain now and then. */
	assert_true(kept > 300);
	embargo_index_close(index);
}

/* A full disk is what a bound on the size of files looks like from here. */
static void a_full_disk_is_no_damage(void **state)
{
	struct embargo_index *index = open_index(false);
	const pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (!child) {
		int error = 0;

		signal(SIGXFSZ, SIG_IGN);
		index = open_in_child();
		if (setrlimit(RLIMIT_FSIZE, &(struct rlimit) { 65536, 65536 }))
			_exit(1);
		for (uint64_t inode = 1; inode <= 20000 && !error; inode++)
			error = put(index, inode, "[]");
		if (!error)
			_exit(2);
		/* It goes on answering. */
		has(index, 1, "[]");
		embargo_index_close(index);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(put(index, 1, "[]") == 0);
	assert_true(has(index, 1, "[]"));
	embargo_index_close(index);
	embargo_index_close(open_index(false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_kill_leaves_it_whole),
		IN_FOLDER(two_processes_share_it),
		IN_FOLDER(a_full_disk_is_no_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
