// SPDX-License-Identifier: GPL-2.0-or-later
/* The bounded cursor: nothing past the end, and a failure stays one. */
#include "loader/base/cursor.h"
#include "tests/unit/unit.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void takes_up_to_the_end(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_ptr_equal(embargo_cursor_take(&cursor, 3), bytes);
	assert_ptr_equal(embargo_cursor_take(&cursor, 5), bytes + 3);
	assert_non_null(embargo_cursor_take(&cursor, 0));
	assert_false(cursor.failed);
	assert_null(embargo_cursor_take(&cursor, 1));
	assert_true(cursor.failed);
}

static void a_failure_stays(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_null(embargo_cursor_take(&cursor, 9));
	assert_null(embargo_cursor_take(&cursor, 1));
	assert_int_equal(embargo_cursor_u16(&cursor), 0);
	assert_int_equal(embargo_cursor_u32(&cursor), 0);
	assert_false(embargo_cursor_starts(&cursor, bytes, 1));
}

static void a_count_near_the_largest_does_not_wrap(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_non_null(embargo_cursor_take(&cursor, 1));
	assert_null(embargo_cursor_take(&cursor, SIZE_MAX));
}

static void reads_little_endian(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(embargo_cursor_u16(&cursor), 0x0201);
	assert_int_equal(embargo_cursor_u32(&cursor), 0x06050403);
	assert_int_equal(embargo_cursor_u32(&cursor), 0);
	assert_true(cursor.failed);
}

static void reads_long_and_big_endian(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(embargo_cursor_u64(&cursor), 0x0807060504030201);
	embargo_cursor_seek(&cursor, 0);
	assert_int_equal(embargo_cursor_be64(&cursor), 0x0102030405060708);
	embargo_cursor_seek(&cursor, 0);
	assert_int_equal(embargo_cursor_be16(&cursor), 0x0102);
	assert_int_equal(embargo_cursor_be32(&cursor), 0x03040506);
	assert_int_equal(embargo_cursor_left(&cursor), 2);
	assert_int_equal(embargo_cursor_u64(&cursor), 0);
	assert_int_equal(embargo_cursor_left(&cursor), 0);
}

static void seeks_within_only(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	embargo_cursor_seek(&cursor, 8);
	assert_false(cursor.failed);
	embargo_cursor_seek(&cursor, 6);
	assert_int_equal(embargo_cursor_u16(&cursor), 0x0807);
	embargo_cursor_seek(&cursor, 9);
	assert_true(cursor.failed);
}

static void compares_without_moving(void **state)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, sizeof(bytes));

	(void)state;
	assert_true(embargo_cursor_starts(&cursor, "\1\2", 2));
	assert_false(embargo_cursor_starts(&cursor, "\1\3", 2));
	assert_false(embargo_cursor_starts(&cursor, "\1\2\3\4\5\6\7\10\11", 9));
	assert_false(cursor.failed);
	assert_int_equal(cursor.at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_up_to_the_end),
		cmocka_unit_test(a_failure_stays),
		cmocka_unit_test(a_count_near_the_largest_does_not_wrap),
		cmocka_unit_test(reads_little_endian),
		cmocka_unit_test(reads_long_and_big_endian),
		cmocka_unit_test(seeks_within_only),
		cmocka_unit_test(compares_without_moving),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
