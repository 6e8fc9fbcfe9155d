// SPDX-License-Identifier: GPL-2.0-or-later
/* Ending processes: real children, polite and deaf ones, and numbers that are used again. */
#include "loader/sweep/ending.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/sweep/suspect.h"

#include "tests/unit/unit.h"

struct seen {
	size_t news[EMBARGO_ENDING_LASTING + 1];
	size_t asked;
	bool has_file;
};

static bool has_file(void *context, const struct embargo_ending *ending)
{
	struct seen *seen = context;

	(void)ending;
	seen->asked++;
	return seen->has_file;
}

static void take_news(void *context, const struct embargo_ending *ending,
		      enum embargo_ending_news news, int error)
{
	struct seen *seen = context;

	(void)ending;
	assert_int_equal(error, 0);
	seen->news[news]++;
}

static const struct embargo_ending_callbacks callbacks = { has_file, take_news };

/* A test that fails leaves its children to the end of all tests, but not beyond. */
static void outlive_nobody(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* A child that stays, and has said that it is ready to. */
static pid_t start(bool deaf)
{
	int ends[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		outlive_nobody();
		signal(SIGTERM, deaf ? SIG_IGN : SIG_DFL);
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return child;
}

static struct embargo_ending hold(pid_t pid, uint64_t grace_ms)
{
	struct embargo_ending ending = {
		.pidfd = (int)syscall(SYS_pidfd_open, pid, 0),
		.pid = pid,
		.grace_ms = grace_ms,
	};

	assert_true(ending.pidfd >= 0);
	return ending;
}

/* How it ended: the signal, or 0. */
static int reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void the_polite_end_at_sigterm(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	struct seen seen = { .has_file = true };
	pid_t child = start(false);
	struct embargo_ending ending = hold(child, 60000);

	(void)state;
	assert_int_equal(embargo_endings_add(endings, &ending), 0);
	embargo_endings_finish(endings, &callbacks, &seen);
	assert_int_equal(seen.news[EMBARGO_ENDING_ENDED], 1);
	assert_int_equal(seen.asked, 0);
	assert_int_equal(reap(child), SIGTERM);
	free(endings);
}

static void the_deaf_are_killed_after_the_grace(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	struct seen seen = { .has_file = true };
	pid_t child = start(true);
	struct embargo_ending ending = hold(child, 300);
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(embargo_endings_add(endings, &ending), 0);
	embargo_endings_finish(endings, &callbacks, &seen);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(seen.news[EMBARGO_ENDING_KILLED], 1);
	assert_int_equal(reap(child), SIGKILL);
	assert_true((after.tv_sec - before.tv_sec) * 1000 +
			    (after.tv_nsec - before.tv_nsec) / 1000000 >=
		    299);
	free(endings);
}

/* It has executed something else meanwhile, or let go of the library. */
static void who_has_not_the_file_any_more_goes_on(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	struct seen seen = { .has_file = false };
	pid_t child = start(true);
	struct embargo_ending ending = hold(child, 50);

	(void)state;
	assert_int_equal(embargo_endings_add(endings, &ending), 0);
	embargo_endings_finish(endings, &callbacks, &seen);
	assert_int_equal(seen.news[EMBARGO_ENDING_SPARED], 1);
	assert_int_equal(seen.asked, 1);
	assert_int_equal(kill(child, 0), 0);
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
	kill(child, SIGKILL);
	reap(child);
	free(endings);
}

static void many_end_together(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	struct seen seen = { .has_file = true };
	pid_t children[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		struct embargo_ending ending;

		children[i] = start(i % 4 == 0);
		ending = hold(children[i], 500);
		assert_int_equal(embargo_endings_add(endings, &ending), 0);
	}
	embargo_endings_finish(endings, &callbacks, &seen);
	assert_int_equal(seen.news[EMBARGO_ENDING_ENDED], 30);
	assert_int_equal(seen.news[EMBARGO_ENDING_KILLED], 10);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(reap(children[i]), i % 4 ? SIGTERM : SIGKILL);
	free(endings);
}

static void there_is_a_bound(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	pid_t child = start(false);
	struct embargo_ending ending = hold(child, 1);

	(void)state;
	endings->count = EMBARGO_ENDINGS_MOST;
	assert_int_equal(embargo_endings_add(endings, &ending), -ENOSPC);
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
	kill(child, SIGKILL);
	reap(child);
	close(ending.pidfd);
	free(endings);
}

/* A child of this very number, as the kernel gives it to whoever may ask for one. */
static pid_t start_as(pid_t pid)
{
	_cleanup_fclose_ FILE *last = fopen("/proc/sys/kernel/ns_last_pid", "we");
	pid_t child;

	if (!last)
		return -1;
	fprintf(last, "%d", pid - 1);
	if (fflush(last))
		return -1;
	child = start(false);
	if (child == pid)
		return child;
	kill(child, SIGKILL);
	reap(child);
	return -1;
}

/* Who is held has ended, and somebody innocent has the number now. */
static void a_number_used_again_is_nobodys(void **state)
{
	struct embargo_endings *endings = calloc(1, sizeof(*endings));
	struct embargo_suspect suspect;
	pid_t child = start(false), other = -1;
	struct embargo_ending ending = hold(child, 1);
	char word[16];

	(void)state;
	snprintf(word, sizeof(word), "%d", child);
	assert_int_equal(embargo_suspect_open(word, &suspect), 0);
	assert_true(embargo_suspect_is_there(&suspect));
	kill(child, SIGKILL);
	reap(child);
	for (int i = 0; i < 20 && other < 0; i++)
		other = start_as(child);
	if (other < 0) {
		print_message("no process can be given a number here\n");
		embargo_suspect_close(&suspect);
		free(endings);
		skip();
	}
	assert_false(embargo_suspect_is_there(&suspect));
	assert_int_equal(embargo_endings_add(endings, &ending), -ESRCH);
	usleep(50000);
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	kill(other, SIGKILL);
	reap(other);
	embargo_suspect_close(&suspect);
	close(ending.pidfd);
	free(endings);
}

static bool is_sacred(pid_t pid)
{
	struct embargo_suspect suspect;
	char word[16];
	bool result;

	snprintf(word, sizeof(word), "%d", pid);
	assert_int_equal(embargo_suspect_open(word, &suspect), 0);
	result = embargo_suspect_is_sacred(&suspect);
	embargo_suspect_close(&suspect);
	return result;
}

static void embargo_and_pid_1_are_sacred(void **state)
{
	pid_t sibling = start(false), other = fork();

	(void)state;
	if (!other) {
		outlive_nobody();
		execl("/bin/sleep", "sleep", "1000", NULL);
		_exit(1);
	}
	usleep(200000);
	assert_true(is_sacred(1));
	assert_true(is_sacred(getpid()));
	assert_true(is_sacred(getppid()));
	assert_true(is_sacred(sibling));
	assert_false(is_sacred(other));
	kill(sibling, SIGKILL);
	kill(other, SIGKILL);
	reap(sibling);
	reap(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_polite_end_at_sigterm),
		cmocka_unit_test(the_deaf_are_killed_after_the_grace),
		cmocka_unit_test(who_has_not_the_file_any_more_goes_on),
		cmocka_unit_test(many_end_together),
		cmocka_unit_test(there_is_a_bound),
		cmocka_unit_test(a_number_used_again_is_nobodys),
		cmocka_unit_test(embargo_and_pid_1_are_sacred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
