// SPDX-License-Identifier: GPL-2.0-or-later
/* The gate's queue: what is asked about, what an answer lets go, and how long each waits. */
#include <errno.h>

#include "loader/gate/queue.h"
#include "tests/unit/unit.h"

#define WAIT_MS 2000

#define SMALL EMBARGO_ASKED_SMALL
#define LARGE EMBARGO_ASKED_LARGE

static struct embargo_queue queue;
static int released[EMBARGO_QUEUE_MAX];
static size_t released_count;

static void release(void *context, const struct embargo_held *held)
{
	(void)context;
	released[released_count++] = held->fd;
}

static struct embargo_held_file file(uint64_t inode)
{
	return (struct embargo_held_file) { .device = 1, .inode = inode };
}

static void add(int fd, uint64_t inode, uint64_t now_ms)
{
	const struct embargo_held_file added = file(inode);

	assert_int_equal(embargo_queue_add(&queue, fd, &added, now_ms), 0);
}

static int begin(void **state)
{
	(void)state;
	queue.count = 0;
	queue.questions[SMALL].is_open = queue.questions[LARGE].is_open = false;
	released_count = 0;
	return 0;
}

static void one_question_speaks_for_all_of_its_file(void **state)
{
	(void)state;
	add(10, 1, 0);
	add(11, 2, 1);
	add(12, 1, 2);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 3), 10);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 3), -EAGAIN);
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_int_equal(released_count, 2);
	assert_int_equal(released[0], 10);
	assert_int_equal(released[1], 12);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 4), 11);
}

/* Between the question and its answer the file may have become another. */
static void who_comes_after_the_question_is_asked_about_again(void **state)
{
	(void)state;
	add(10, 1, 0);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 0), 10);
	add(11, 1, 1);
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_int_equal(released_count, 1);
	assert_int_equal(released[0], 10);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 2), 11);
}

static void a_file_that_changed_is_another(void **state)
{
	struct embargo_held_file one = file(1), other = file(1);

	(void)state;
	other.changed.tv_nsec = 1;
	embargo_queue_add(&queue, 10, &one, 0);
	embargo_queue_add(&queue, 11, &other, 0);
	embargo_queue_ask(&queue, SMALL, 0);
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_int_equal(released_count, 1);
	other = one;
	other.size = 1;
	assert_false(embargo_held_file_is(&one, &other));
}

static void nobody_waits_longer_than_told(void **state)
{
	(void)state;
	add(10, 1, 100);
	add(11, 2, 101);
	embargo_queue_ask(&queue, SMALL, 101);
	assert_int_equal(embargo_queue_rest(&queue, WAIT_MS, 100, 500), 500);
	assert_int_equal(embargo_queue_rest(&queue, WAIT_MS, 2000, 500), 100);
	embargo_queue_expire(&queue, WAIT_MS, 2099, release, NULL);
	assert_int_equal(released_count, 0);
	embargo_queue_expire(&queue, WAIT_MS, 2100, release, NULL);
	assert_int_equal(released_count, 1);
	assert_int_equal(released[0], 10);
	assert_int_equal(embargo_queue_rest(&queue, WAIT_MS, 2101, 500), 0);
	embargo_queue_expire(&queue, WAIT_MS, 2101, release, NULL);
	assert_int_equal(queue.count, 0);
	assert_int_equal(embargo_queue_rest(&queue, WAIT_MS, 2101, 500), 500);
}

/* The answer to a question whose asker was let go belongs to nobody else. */
static void a_late_answer_lets_nobody_go(void **state)
{
	(void)state;
	add(10, 1, 0);
	embargo_queue_ask(&queue, SMALL, 0);
	embargo_queue_expire(&queue, WAIT_MS, WAIT_MS, release, NULL);
	add(11, 1, WAIT_MS + 1);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, WAIT_MS + 1), -EAGAIN);
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_int_equal(released_count, 1);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, WAIT_MS + 2), 11);
}

static void no_answer_for_long_is_hung(void **state)
{
	(void)state;
	add(10, 1, 0);
	assert_false(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS));
	embargo_queue_ask(&queue, SMALL, 1);
	assert_false(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS));
	assert_true(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS + 1));
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_false(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS + 1));
}

static void add_large(int fd, uint64_t inode, uint64_t now_ms)
{
	struct embargo_held_file added = file(inode);

	added.size = EMBARGO_QUEUE_SMALL + 1;
	assert_int_equal(embargo_queue_add(&queue, fd, &added, now_ms), 0);
}

static void a_small_file_waits_for_no_large_one(void **state)
{
	(void)state;
	add_large(10, 1, 0);
	add_large(11, 2, 1);
	add(12, 3, 2);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 3), 12);
	assert_int_equal(embargo_queue_ask(&queue, LARGE, 3), 10);
	assert_int_equal(embargo_queue_ask(&queue, LARGE, 3), -EAGAIN);
	embargo_queue_answer(&queue, SMALL, release, NULL);
	assert_int_equal(released_count, 1);
	assert_int_equal(released[0], 12);
	assert_int_equal(embargo_queue_ask(&queue, SMALL, 4), -EAGAIN);
	assert_int_equal(embargo_queue_ask(&queue, LARGE, 4), -EAGAIN);
	embargo_queue_answer(&queue, LARGE, release, NULL);
	assert_int_equal(released_count, 2);
	assert_int_equal(released[1], 10);
	assert_int_equal(embargo_queue_ask(&queue, LARGE, 5), 11);
}

/* Who answers for small files lives; who does not is not asked about large ones either. */
static void a_large_file_without_answer_hangs_no_small_one(void **state)
{
	(void)state;
	add_large(10, 1, 0);
	embargo_queue_ask(&queue, LARGE, 0);
	assert_true(embargo_queue_is_hung(&queue, LARGE, EMBARGO_QUEUE_HUNG_MS));
	assert_false(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS));
	embargo_queue_answer(&queue, LARGE, release, NULL);
	add(11, 2, 0);
	embargo_queue_ask(&queue, SMALL, 0);
	assert_true(embargo_queue_is_hung(&queue, SMALL, EMBARGO_QUEUE_HUNG_MS));
	assert_true(embargo_queue_is_hung(&queue, LARGE, EMBARGO_QUEUE_HUNG_MS));
}

static void it_is_bounded(void **state)
{
	const struct embargo_held_file more = file(1);

	(void)state;
	for (int i = 0; i < EMBARGO_QUEUE_MAX; i++)
		add(i, (uint64_t)i, 0);
	assert_int_equal(embargo_queue_add(&queue, -1, &more, 0), -ENOSPC);
	embargo_queue_empty(&queue, release, NULL);
	assert_int_equal(released_count, EMBARGO_QUEUE_MAX);
	assert_int_equal(queue.count, 0);
	assert_false(embargo_queue_drop(&queue, release, NULL));
}

static void who_waits_longest_makes_room(void **state)
{
	(void)state;
	add(10, 1, 0);
	add(11, 2, 1);
	assert_true(embargo_queue_drop(&queue, release, NULL));
	assert_int_equal(released_count, 1);
	assert_int_equal(released[0], 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_question_speaks_for_all_of_its_file, begin),
		cmocka_unit_test_setup(who_comes_after_the_question_is_asked_about_again, begin),
		cmocka_unit_test_setup(a_file_that_changed_is_another, begin),
		cmocka_unit_test_setup(nobody_waits_longer_than_told, begin),
		cmocka_unit_test_setup(a_late_answer_lets_nobody_go, begin),
		cmocka_unit_test_setup(no_answer_for_long_is_hung, begin),
		cmocka_unit_test_setup(a_small_file_waits_for_no_large_one, begin),
		cmocka_unit_test_setup(a_large_file_without_answer_hangs_no_small_one, begin),
		cmocka_unit_test_setup(it_is_bounded, begin),
		cmocka_unit_test_setup(who_waits_longest_makes_room, begin),
	};

	return cmocka_run_group_tests_name("gate_queue", tests, NULL, NULL);
}
