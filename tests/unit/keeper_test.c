// SPDX-License-Identifier: GPL-2.0-or-later
/* How long is waited before a process is started again that ended. */
#include "loader/daemon/keeper.h"

#include "tests/unit/unit.h"

/* What fails at once each time is tried less and less often, and never given up. */
static void it_doubles(void **state)
{
	static const unsigned int expected[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	unsigned int pause = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		pause = embargo_keeper_pause(pause, 0);
		assert_int_equal(pause, expected[i]);
	}
	assert_int_equal(embargo_keeper_pause(32, 59), 60);
}

/* A crash a week is no reason to stay away for a minute. */
static void it_begins_again(void **state)
{
	(void)state;
	assert_int_equal(embargo_keeper_pause(60, 60), 1);
	assert_int_equal(embargo_keeper_pause(8, 7 * 86400), 1);
	assert_int_equal(embargo_keeper_pause(0, 7 * 86400), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_doubles),
		cmocka_unit_test(it_begins_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
