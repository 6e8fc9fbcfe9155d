// SPDX-License-Identifier: GPL-2.0-or-later
/* Sweeps at work: what they tell is taken, those that hang are ended, and no others. */
#include "loader/sweep/sweeps.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/sweep/round.h"
#include "tests/unit/unit.h"

/* What a sweep does here is told by the moment that it is for. */
enum {
	HANG,
	LOOK_AND_HANG, /* after telling two */
	END,
	CRASH,
};

static struct embargo_sweeps *sweeps;
static size_t told;
static char said[1024];

static void sweep(void *context, int64_t at, int pipe)
{
	const struct embargo_round_told one = { .process = 7, .reason = 9 };

	(void)context;
	if (at == CRASH)
		raise(SIGKILL);
	if (at == LOOK_AND_HANG) {
		embargo_sweeps_tell(pipe, &one);
		embargo_sweeps_tell(pipe, &one);
		embargo_sweeps_tell_looked(pipe);
	}
	while (at != END)
		pause();
}

static void take_told(void *context, const struct embargo_round_told *one)
{
	(void)context;
	assert_int_equal(one->process, 7);
	assert_int_equal(one->reason, 9);
	told++;
}

static void take_said(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n", text);
}

static const struct embargo_sweeps_callbacks callbacks = { sweep, take_told, take_said };

static int set_up(void **state)
{
	(void)state;
	told = 0;
	said[0] = '\0';
	return embargo_sweeps_open(&callbacks, NULL, 1, &sweeps);
}

static int tear_down(void **state)
{
	(void)state;
	embargo_sweeps_close(sweeps);
	/* None is left over. */
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static size_t count_children(void)
{
	char path[64], text[1024] = "";
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	if (fgets(text, sizeof(text), file))
		for (const char *at = text; *at; at++)
			count += *at == ' ';
	fclose(file);
	return count;
}

/* For @ms, or until there are as many processes as @children. */
static void collect_for(int64_t ms, size_t children)
{
	const int64_t end = now_ms() + ms;

	do {
		embargo_sweeps_collect(sweeps);
		embargo_sweeps_wait(sweeps, 50);
	} while (now_ms() < end && count_children() != children);
}

static void one_that_hangs_is_ended(void **state)
{
	const int64_t begun = now_ms();

	(void)state;
	assert_int_equal(embargo_sweeps_start(sweeps, HANG, 0), 0);
	collect_for(20000, 0);
	assert_int_equal(count_children(), 0);
	assert_true(now_ms() - begun >= 1000);
	assert_string_equal(said, "looking at what runs already did not come to an end within 1 s: "
				  "what is not reported is not known\n");
}

/* The one waits for its moment, the other for the end of processes. */
static void those_that_may_wait_are_not(void **state)
{
	(void)state;
	assert_int_equal(embargo_sweeps_start(sweeps, HANG, 60), 0);
	assert_int_equal(embargo_sweeps_start(sweeps, LOOK_AND_HANG, 0), 0);
	collect_for(3000, 0);
	assert_int_equal(count_children(), 2);
	assert_string_equal(said, "");
	assert_int_equal(told, 2);
}

static void one_that_is_killed_is_told_of(void **state)
{
	(void)state;
	assert_int_equal(embargo_sweeps_start(sweeps, CRASH, 0), 0);
	assert_int_equal(embargo_sweeps_start(sweeps, END, 0), 0);
	collect_for(20000, 0);
	assert_int_equal(count_children(), 0);
	assert_string_equal(said, "looking at what runs already was ended by signal 9\n");
}

static void what_is_in_force_no_more_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(embargo_sweeps_start(sweeps, HANG, 60), 0);
	assert_int_equal(embargo_sweeps_start(sweeps, LOOK_AND_HANG, 0), 0);
	for (int i = 0; i < 400 && told < 2; i++)
		collect_for(50, 0);
	embargo_sweeps_give_up(sweeps);
	collect_for(20000, 1);
	assert_int_equal(count_children(), 1);
	assert_string_equal(said, "");
}

static void there_is_a_bound(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(embargo_sweeps_start(sweeps, HANG, 60), 0);
	assert_int_equal(embargo_sweeps_start(sweeps, HANG, 60), -EAGAIN);
	embargo_sweeps_give_up(sweeps);
	collect_for(20000, 0);
	assert_int_equal(embargo_sweeps_start(sweeps, HANG, 60), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_hangs_is_ended),
		TEST(those_that_may_wait_are_not),
		TEST(one_that_is_killed_is_told_of),
		TEST(what_is_in_force_no_more_is_given_up),
		TEST(there_is_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
